# syntax=docker/dockerfile:1

FROM rust:1.95-bookworm AS build
WORKDIR /build

# The dependencies, of everything that is built what takes longest, in a layer of their own: it stays until Cargo.toml or
# Cargo.lock change. Two empty sources stand for ours.
COPY Cargo.toml Cargo.lock ./
RUN mkdir src \
 && echo 'fn main() {}' > src/main.rs \
 && touch src/lib.rs \
 && cargo build --release --locked --bin pyservice \
 && rm -r src

# Touched, because copied files keep their age and cargo builds only what is younger than its last result.
COPY src src
RUN touch src/main.rs src/lib.rs \
 && cargo build --release --locked --bin pyservice

# The same Debian, hence the same libc, as the build.
FROM debian:bookworm-slim
RUN groupadd --gid 10001 pyservice \
 && useradd --uid 10001 --gid pyservice --no-create-home --home-dir /var/lib/pyservice --shell /usr/sbin/nologin pyservice \
 && install --directory --owner=pyservice --group=pyservice --mode=0750 /var/lib/pyservice

# All that TLS needs; the package would bring OpenSSL along.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /build/target/release/pyservice /usr/local/bin/pyservice
# The shipped recipes; yours are mounted in their place.
COPY recipes /etc/pyservice/recipes

ENV STORAGE_DIR=/var/lib/pyservice RECIPES_DIR=/etc/pyservice/recipes
VOLUME /var/lib/pyservice
WORKDIR /var/lib/pyservice
USER 10001:10001

STOPSIGNAL SIGTERM
# `check` gives each dependency 30 seconds.
HEALTHCHECK --interval=60s --timeout=45s --start-period=30s --retries=3 CMD ["pyservice", "check"]
ENTRYPOINT ["pyservice"]
CMD ["serve"]
