#!/bin/bash
# Runs every test, those that need real servers included.
#
#   tests/run.sh [cargo test arguments]     tests/run.sh --test it broker -- --nocapture
#   tests/run.sh --servers-only             starts the servers, prints how to reach them, waits until it is stopped
#
# RabbitMQ, a server that speaks the MongoDB protocol, Apache mod_dav and sabre/dav start on free ports in a temporary folder and
# are stopped at the end. On Debian, root installs what is missing; everybody else is told what to install.
#
# The same tests on servers that already run, for example those of docker-compose.yml:
#
#   RABBITMQ_URL=amqp://user:pass@localhost:5672/ MONGO_URI=mongodb://localhost:27017/ \
#     OWNCLOUD_URL=http://localhost:8080 OWNCLOUD_USER=admin OWNCLOUD_PASS=admin tests/run.sh
#
# (RABBITMQ_HOST, _PORT, _DEFAULT_USER and _DEFAULT_PASS do as well.) A named server is used instead of an own one; the drive is
# tested besides the two local ones. Tests that stop or throttle the broker always take one of their own.
#
# What the tests see, all of it absent when cargo test is run alone:
#
#   PYSERVICE_TEST_AMQP_URL         PYSERVICE_TEST_MONGO_URI
#   PYSERVICE_TEST_DAV_APACHE       PYSERVICE_TEST_DAV_SABRE       base URLs, without /remote.php
#   PYSERVICE_TEST_DAV_OWNCLOUD     OWNCLOUD_URL as it was given, if it was
#   PYSERVICE_TEST_DAV_USER         PYSERVICE_TEST_DAV_PASS        the same for every drive
#   PYSERVICE_TEST_RABBITMQCTL      rabbitmqctl for our own node; absent with a named broker
#   PYSERVICE_TEST_PYTHON           a Python that has pika
#   PYSERVICE_TEST_NODE_MODULES     a folder that has amqplib
#
# With --servers-only, PYSERVICE_TEST_ENV_FILE names a file that holds these exports for as long as the servers run.
set -euo pipefail

tests=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository=$(dirname "$tests")
cache=${XDG_CACHE_HOME:-$HOME/.cache}/pyservice
# Outside the repository, and the same in every checkout: a later run compiles only what changed.
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$cache/target}

say() { echo "tests/run.sh: $*" >&2; }
die() {
  say "$@"
  exit 1
}

# --- what must be installed ---------------------------------------------------------------------------------------------------

has() { command -v "$1" >/dev/null 2>&1; }

has_modern_java() {
  has java && has javac && (($(javac -version 2>&1 | sed -E 's/[^0-9]*([0-9]+).*/\1/') >= 17))
}

missing_packages() {
  has python3 || echo python3
  # Debian's python3 can make a venv only with this package, whatever the command line looks like.
  [[ -x $cache/venv/bin/python ]] || python3 -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv
  has node || echo nodejs
  has npm || echo npm
  has cc || echo build-essential
  { has pdftotext && has pdfinfo; } || echo poppler-utils
  if [[ -z ${RABBITMQ_URL:-}${RABBITMQ_HOST:-} ]]; then
    [[ -x /usr/lib/rabbitmq/bin/rabbitmq-server ]] || echo rabbitmq-server
  fi
  if [[ -z ${MONGO_URI:-} ]]; then
    has_modern_java || echo openjdk-17-jdk-headless
    has mvn || echo maven
  fi
  # Not `apache2`, which would bring a service along.
  [[ -x /usr/sbin/apache2 ]] || echo apache2-bin
  has php || echo php-cli
  [[ -f /usr/share/php/Sabre/autoload.php ]] || echo php-sabre-dav
  if has php; then
    # Not through a pipe: grep may have seen enough while php still writes, which would count as a failure.
    local modules
    modules=$(php -m)
    grep -qix dom <<<"$modules" || echo php-xml
    grep -qix mbstring <<<"$modules" || echo php-mbstring
  else
    echo php-xml php-mbstring
  fi
}

policy=/usr/sbin/policy-rc.d
policy_is_ours=
install_missing() {
  local packages
  mapfile -t packages < <(missing_packages | tr ' ' '\n')
  ((${#packages[@]})) || return 0
  if ((EUID != 0)) || ! has apt-get; then
    die "missing: ${packages[*]}
  on Debian or Ubuntu: sudo apt-get update && sudo apt-get install --no-install-recommends ${packages[*]}"
  fi

  say "installing ${packages[*]}"
  # rabbitmq-server would start itself, on the machine's own ports.
  if [[ ! -e $policy ]]; then
    policy_is_ours=1
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
  fi
  export DEBIAN_FRONTEND=noninteractive
  # An index that is partly out of reach may still have what we need.
  apt-get update -qq >&2 || say "apt-get update failed, trying with the index as it is"
  apt-get install -y -qq --no-install-recommends "${packages[@]}" >&2 || die "could not install ${packages[*]}"
  remove_policy
  hash -r

  mapfile -t packages < <(missing_packages | tr ' ' '\n')
  ((${#packages[@]} == 0)) || die "still missing after the installation: ${packages[*]}"
}
remove_policy() {
  [[ -z $policy_is_ours ]] || rm -f "$policy"
  policy_is_ours=
}

# Into the cache, never into the machine's Python, which Debian protects from that. Locked: two runs may begin together.
install_clients() {
  mkdir -p "$cache"
  exec 8>"$cache/clients.lock"
  flock 8
  python=$cache/venv/bin/python
  if ! "$python" -c 'import pika' 2>/dev/null; then
    say "installing pika"
    rm -rf "$cache/venv"
    python3 -m venv "$cache/venv"
    "$python" -m pip install --quiet --disable-pip-version-check --requirement "$tests/clients/requirements.txt" >&2
  fi
  local file changed=
  mkdir -p "$cache/node"
  for file in package.json package-lock.json .npmrc; do
    cmp -s "$tests/clients/$file" "$cache/node/$file" || changed=1
  done
  if [[ -n $changed || ! -d $cache/node/node_modules/amqplib ]]; then
    say "installing amqplib"
    rm -f "$cache/node/package.json"
    cp "$tests/clients/package-lock.json" "$tests/clients/.npmrc" "$cache/node/"
    # Last, so that an interrupted installation counts as changed.
    cp "$tests/clients/package.json" "$cache/node/package.json.new"
    mv "$cache/node/package.json.new" "$cache/node/package.json"
    if ! (cd "$cache/node" && npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error >&2); then
      rm -f "$cache/node/package.json"
      die "npm could not install amqplib"
    fi
  fi
  exec 8>&-
}

# --- starting and stopping ----------------------------------------------------------------------------------------------------

scratch=
declare -A pid_of=() address_of=()
runner_pid=

# Every process we start leads a group of its own, which is what gets signalled: servers have children. Job control also keeps
# SIGINT from being ignored in them, as it is in ordinary background commands.
spawn() { # LOG COMMAND…
  local log=$1
  shift
  set -m
  "$@" </dev/null >>"$log" 2>&1 &
  spawned=$!
  set +m
}

alive() { kill -0 -- "-$1" 2>/dev/null; }

stop_groups() { # PID…
  local pid deadline=$((SECONDS + 10)) left
  for pid; do kill -TERM -- "-$pid" 2>/dev/null || true; done
  while ((SECONDS < deadline)); do
    left=
    for pid; do if alive "$pid"; then left=1; fi; done
    [[ -n $left ]] || return 0
    sleep 0.1
  done
  for pid; do kill -KILL -- "-$pid" 2>/dev/null || true; done
}

finish() {
  trap '' INT TERM HUP
  remove_policy
  # The tests first: they would only report the servers that vanish under them.
  [[ -z $runner_pid ]] || stop_groups "$runner_pid"
  stop_groups "${pid_of[@]}"
  [[ -z $scratch ]] || rm -rf "$scratch"
  [[ -z ${env_file_written:-} ]] || rm -f "$env_file_written"
}
trap finish EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

probe() { "${python:-python3}" "$tests/servers/probe.py" "$@"; }

launch() { # NAME
  local folder=$scratch/$1 ports
  mkdir -p "$folder"
  read -r -a ports < <(probe ports 3)
  case $1 in
    rabbitmq)
      spawn "$folder/server.log" "$tests/servers/rabbitmq/start.sh" "$folder" "${ports[@]}"
      address_of[$1]=amqp://guest:guest@127.0.0.1:${ports[0]}/%2f
      ;;
    mongo)
      spawn "$folder/server.log" "$tests/servers/mongo/start.sh" "${ports[0]}"
      address_of[$1]=mongodb://127.0.0.1:${ports[0]}/
      ;;
    apache | sabre)
      spawn "$folder/server.log" "$tests/servers/$1/start.sh" "$folder" "${ports[0]}"
      address_of[$1]=http://127.0.0.1:${ports[0]}
      ;;
  esac
  pid_of[$1]=$spawned
}

answers() { # NAME
  case $1 in
    rabbitmq) probe amqp "${address_of[$1]}" ;;
    mongo) probe mongo "${address_of[$1]}" ;;
    *) probe dav "${address_of[$1]}" ;;
  esac
}

await() { # NAME
  local port deadline=$((SECONDS + 180))
  port=${address_of[$1]##*127.0.0.1:}
  port=${port%%/*}
  while ((SECONDS < deadline)); do
    kill -0 "${pid_of[$1]}" 2>/dev/null || return 1
    # Opening the port costs nothing, starting a Python does.
    if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && answers "$1" 2>/dev/null; then
      return 0
    fi
    sleep 0.2
  done
  return 1
}

# Once more with other ports: somebody may have taken one between our look and the server's.
bring_up() { # NAME
  await "$1" && return
  stop_groups "${pid_of[$1]}"
  launch "$1"
  await "$1" && return
  say "$1 does not start; the end of its log:"
  tail -n 40 "$scratch/$1"/*.log >&2
  exit 1
}

start_servers() {
  scratch=$(mktemp -d "${TMPDIR:-/tmp}/pyservice-tests.XXXXXX")
  # Apache's workers are not root and must reach their folder.
  chmod 711 "$scratch"

  DAV_USER=${OWNCLOUD_USER:-tester}
  DAV_PASS=${OWNCLOUD_PASS:-$(python3 -c 'import secrets; print(secrets.token_urlsafe(18))')}
  [[ $DAV_USER =~ ^[A-Za-z0-9._@-]+$ ]] || die "the local drives cannot serve a user named $DAV_USER"
  export DAV_USER DAV_PASS

  local named=() own=(apache sabre) name
  if [[ -n ${RABBITMQ_URL:-}${RABBITMQ_HOST:-} ]]; then
    named+=(rabbitmq)
    address_of[rabbitmq]=$(probe amqp-url)
  else
    own+=(rabbitmq)
  fi
  if [[ -n ${MONGO_URI:-} ]]; then
    named+=(mongo)
    address_of[mongo]=$MONGO_URI
  else
    own+=(mongo)
  fi
  if [[ -n ${OWNCLOUD_URL:-} ]]; then
    named+=(owncloud)
    address_of[owncloud]=$OWNCLOUD_URL
  fi

  # Tests set their own; a production address must never reach one by accident.
  for name in "${!RABBITMQ_@}" "${!MONGO_@}" "${!OWNCLOUD_@}" REDIS_URL; do unset "$name"; done

  for name in ${named[@]+"${named[@]}"}; do
    answers "$name" || die "the named $name does not answer"
  done
  for name in "${own[@]}"; do launch "$name"; done
  for name in "${own[@]}"; do bring_up "$name"; done

  exports=(
    "PYSERVICE_TEST_AMQP_URL=${address_of[rabbitmq]}"
    "PYSERVICE_TEST_MONGO_URI=${address_of[mongo]}"
    "PYSERVICE_TEST_DAV_APACHE=${address_of[apache]}"
    "PYSERVICE_TEST_DAV_SABRE=${address_of[sabre]}"
    "PYSERVICE_TEST_DAV_USER=$DAV_USER"
    "PYSERVICE_TEST_DAV_PASS=$DAV_PASS"
    "PYSERVICE_TEST_PYTHON=$python"
    "PYSERVICE_TEST_NODE_MODULES=$cache/node/node_modules"
  )
  [[ -z ${address_of[owncloud]:-} ]] || exports+=("PYSERVICE_TEST_DAV_OWNCLOUD=${address_of[owncloud]}")
  [[ -z ${pid_of[rabbitmq]:-} ]] || exports+=("PYSERVICE_TEST_RABBITMQCTL=$scratch/rabbitmq/rabbitmqctl")
  unset DAV_USER DAV_PASS
  say "own servers: ${own[*]}${named[0]:+; named: ${named[*]}}; ready after ${SECONDS} s"
}

# --- what is asked for --------------------------------------------------------------------------------------------------------

serve() {
  local lines
  lines=$(for line in "${exports[@]}"; do printf 'export %s=%q\n' "${line%%=*}" "${line#*=}"; done)
  echo "$lines"
  if [[ -n ${PYSERVICE_TEST_ENV_FILE:-} ]]; then
    # Complete from the moment it exists: somebody may be waiting for it.
    (umask 077 && echo "$lines" >"$PYSERVICE_TEST_ENV_FILE.part")
    mv "$PYSERVICE_TEST_ENV_FILE.part" "$PYSERVICE_TEST_ENV_FILE"
    env_file_written=$PYSERVICE_TEST_ENV_FILE
  fi
  spawn /dev/null sleep infinity
  runner_pid=$spawned
  wait "$runner_pid"
}

# Through a pipe of our own, so that the results can be added up and the tests still be stopped by their process group.
cargo_test() {
  local tee_pid status=0
  rm -f "$scratch/output"
  mkfifo "$scratch/output"
  tee -a "$scratch/results" <"$scratch/output" &
  tee_pid=$!
  set -m
  cargo test --no-fail-fast "$@" </dev/null >"$scratch/output" &
  runner_pid=$!
  set +m
  wait "$runner_pid" || status=$?
  # A test may have left children behind, and they would keep the pipe open.
  stop_groups "$runner_pid"
  runner_pid=
  wait "$tee_pid" || true
  return "$status"
}

run_tests() {
  local cargo=() harness=(--include-ignored) status=0 line
  while (($#)) && [[ $1 != -- ]]; do
    cargo+=("$1")
    shift
  done
  (($# == 0)) || harness+=("${@:2}")

  # Nothing of another instance, whose exports may be in this shell.
  for line in "${!PYSERVICE_TEST_@}"; do unset "$line"; done
  for line in "${exports[@]}"; do export "${line?}"; done
  cd "$repository"
  if ((${#cargo[@]})); then
    cargo_test "${cargo[@]}" -- "${harness[@]}" || status=$?
  else
    # In two steps, because an `ignore`d example in the documentation is not meant to run.
    cargo_test --lib --bins --tests -- "${harness[@]}" || status=$?
    cargo_test --doc || status=$?
  fi

  awk -v status="$status" '
    /^test result:/ { binaries++; passed += $4; failed += $6; ignored += $8 }
    END {
      printf "tests/run.sh: %d passed, %d failed, %d ignored in %d binaries%s\n", passed, failed, ignored, binaries,
        (status ? "; cargo test failed" : "")
    }' "$scratch/results"
  return "$status"
}

has cargo || PATH=$PATH:$HOME/.cargo/bin
install_missing
install_clients
start_servers
if [[ ${1:-} == --servers-only ]]; then
  serve
else
  has cargo || die "cargo is missing: see https://rustup.rs"
  run_tests "$@"
fi
