#!/bin/bash
# An in-memory server that speaks the MongoDB wire protocol, in the foreground:
#
#   tests/servers/mongo/start.sh PORT
#
# Its jars come from Maven Central once; their paths are remembered in the cache folder.
set -euo pipefail

if (($# != 1)); then
  echo "usage: $0 PORT" >&2
  exit 2
fi
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/pyservice
mkdir -p "$cache"

list=$cache/mongo-$(sha1sum "$here/pom.xml" | cut -c1-12).classpath
complete() {
  [[ -s $list ]] || return 1
  local jar
  while IFS= read -r -d : jar; do
    [[ -f $jar ]] || return 1
  done < <(printf '%s:' "$(<"$list")")
}

# Two runs at once must not both download.
exec 9>"$list.lock"
flock 9
if ! complete; then
  mvn --quiet --batch-mode --file "$here/pom.xml" dependency:build-classpath "-Dmdep.outputFile=$list.part"
  mv "$list.part" "$list"
fi
exec 9>&-

# It lives for minutes: start quickly, and leave the cores to the tests.
exec java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx1g -cp "$(<"$list")" "$here/Launcher.java" "$1"
