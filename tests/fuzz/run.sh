#!/bin/bash
# Feeds mutated files and messages to what reads them; fails on the first panic. Starts from the files of tests/cases.
#
#   tests/fuzz/run.sh [SECONDS] [TARGET…]     20 s each, all targets
#
# Where one failed, its input lies in tests/fuzz/artifacts and is read again with
#
#   cargo +nightly fuzz run --fuzz-dir tests/fuzz --sanitizer none TARGET tests/fuzz/artifacts/TARGET/crash-…
set -euo pipefail

fuzz=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository=$(cd "$fuzz/../.." && pwd)
seconds=${1:-20}
targets=("${@:2}")
((${#targets[@]})) || targets=(text workbook message)

# Beside the target folder of everything else: other flags, so nothing could be shared.
cache=${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/pyservice/target}
unset CARGO_TARGET_DIR
target=$cache-fuzz
command -v cargo >/dev/null || PATH=$PATH:$HOME/.cargo/bin
PATH=$PATH:${CARGO_HOME:-$HOME/.cargo}/bin

cargo fuzz --version >/dev/null 2>&1 || cargo install cargo-fuzz --locked --quiet

# The coverage flags are unstable; a stable compiler takes them when it is told that it may.
toolchain=()
if command -v rustup >/dev/null && rustup run nightly rustc --version >/dev/null 2>&1; then
  toolchain=(+nightly)
else
  export RUSTC_BOOTSTRAP=1
fi

# Fuzzed are the versions that are delivered.
cp "$repository/Cargo.lock" "$fuzz/Cargo.lock"
# No sanitizer: nothing here is unsafe, and a panic shows without one.
cargo "${toolchain[@]}" fuzz build --fuzz-dir "$fuzz" --target-dir "$target" --sanitizer none

# Files of one kind, each under a name of its own.
seeds() { # FOLDER PATTERN…
  local folder=$1 file
  while IFS= read -r -d '' file; do
    cp "$file" "$folder/$(sha256sum "$file" | cut -c 1-16)"
  done < <(find "$repository/tests/cases" -type f -size -16k \( -name "$2" "${@:3}" \) -print0)
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
for name in "${targets[@]}"; do
  corpus=$scratch/$name
  mkdir "$corpus"
  case $name in
  text) seeds "$corpus" '*.csv' -o -name 'input.*' ;;
  workbook) seeds "$corpus" '*.xlsx' -o -name '*.ods' -o -name '*.xls' -o -name '*.xlsb' ;;
  message)
    printf '{"file_name":"x.csv","job_id":"7","outputs":["csv"],"reference":"off"}' >"$corpus/object"
    printf '{"files":["a.csv","norte/b.csv"],"priority":5,"recipe":"vendas"}' >"$corpus/files"
    printf '{"fileName":"Relat\xc3\xb3rio 1.csv","path":"/storage/work/"}' >"$corpus/path"
    printf 'x.csv' >"$corpus/name"
    ;;
  esac
  artifacts=$fuzz/artifacts/$name/
  mkdir -p "$artifacts"
  echo "== fuzz $name, $seconds s"
  binary=$(find "$target" -path "*/release/$name" -type f -perm -u+x | head -n 1)
  # The same seed every time: what fails here fails again. For other inputs, run it for longer.
  "$binary" -seed=1 -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=16384 -verbosity=0 -print_final_stats=1 \
    -artifact_prefix="$artifacts" "$corpus"
done
