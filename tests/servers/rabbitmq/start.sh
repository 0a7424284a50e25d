#!/bin/bash
# A private RabbitMQ node, in the foreground:
#
#   tests/servers/rabbitmq/start.sh FOLDER AMQP_PORT DIST_PORT EPMD_PORT
#
# Everything it writes stays in FOLDER, and it can be killed and started again there. FOLDER/rabbitmqctl speaks to it.
set -euo pipefail

if (($# != 4)); then
  echo "usage: $0 FOLDER AMQP_PORT DIST_PORT EPMD_PORT" >&2
  exit 2
fi
folder=$1 amqp_port=$2 dist_port=$3 epmd_port=$4

# The wrapper in /usr/sbin changes to the user `rabbitmq` when root calls it, and refuses everyone else.
scripts=/usr/lib/rabbitmq/bin

mkdir -p "$folder/home" "$folder/mnesia" "$folder/log"
folder=$(cd "$folder" && pwd)

# The machine's own node may be configured by these; ours must not be.
for name in "${!RABBITMQ_@}"; do unset "$name"; done

# Created empty: the defaults are the machine's own files.
: >"$folder/rabbitmq-env.conf"
echo '[].' >"$folder/enabled_plugins"
echo 'log.console.level = info' >"$folder/rabbitmq.conf"

export HOME=$folder/home
export RABBITMQ_NODENAME=pyservice-$amqp_port@localhost
export RABBITMQ_NODE_IP_ADDRESS=127.0.0.1
export RABBITMQ_NODE_PORT=$amqp_port
export RABBITMQ_DIST_PORT=$dist_port
export RABBITMQ_MNESIA_BASE=$folder/mnesia
export RABBITMQ_LOG_BASE=$folder/log
export RABBITMQ_LOGS=-
export RABBITMQ_CONF_ENV_FILE=$folder/rabbitmq-env.conf
export RABBITMQ_CONFIG_FILE=$folder/rabbitmq.conf
export RABBITMQ_ENABLED_PLUGINS_FILE=$folder/enabled_plugins
export RABBITMQ_PID_FILE=$folder/rabbitmq.pid
export RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='-kernel inet_dist_use_interface {127,0,0,1}'
# An epmd that Erlang starts by itself outlives its node, and the machine's own one may belong to somebody else.
export ERL_EPMD_PORT=$epmd_port
export ERL_EPMD_ADDRESS=127.0.0.1
export ERL_FLAGS='-start_epmd false'
# The script then becomes the node instead of watching over it, so that the process we started is the one to kill.
export RUNNING_UNDER_SYSTEMD=true

{
  echo '#!/bin/sh'
  export -p | grep -E '^declare -x (HOME|RABBITMQ_|ERL_)' | sed 's/^declare -x/export/'
  # shellcheck disable=SC2016 # for the shell that runs the wrapper
  printf 'exec %s/rabbitmqctl "$@"\n' "$scripts"
} >"$folder/rabbitmqctl"
chmod +x "$folder/rabbitmqctl"

# It dies with the node however the node dies, so that nothing stays behind a `kill -9` of the broker alone.
epmd=$(command -v epmd || echo /usr/lib/erlang/bin/epmd)
"$epmd" -port "$epmd_port" -address 127.0.0.1 &
epmd_pid=$!
"$scripts/rabbitmq-server" &
server_pid=$!

# The broker has nothing to lose here and its orderly stop takes seconds.
stop() {
  kill -KILL "$server_pid" "$epmd_pid" 2>/dev/null || true
}
trap stop EXIT
trap 'exit 143' TERM
trap 'exit 130' INT
wait "$server_pid"
