#!/bin/bash
# sabre/dav, the library ownCloud is built on, in the foreground:
#
#   DAV_USER=… DAV_PASS=… tests/servers/sabre/start.sh FOLDER PORT
#
# Serves FOLDER/files under /remote.php/dav/files/<user>/ and /remote.php/webdav/.
set -euo pipefail

if (($# != 2)); then
  echo "usage: DAV_USER=… DAV_PASS=… $0 FOLDER PORT" >&2
  exit 2
fi
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mkdir -p "$1/files/work" "$1/files/finalizado" "$1/uploads" "$1/document-root"
DAV_FOLDER=$(cd "$1" && pwd)
export DAV_FOLDER DAV_USER DAV_PASS
export PHP_CLI_SERVER_WORKERS=4

# 22527 is E_ALL without E_DEPRECATED and E_STRICT: this sabre/dav is older than PHP 8.2, and neither its notices nor any other
# may end up in a body.
exec php -d error_reporting=22527 -d display_errors=stderr -d html_errors=0 -d log_errors=0 -d default_charset= \
  -S "127.0.0.1:$2" -t "$DAV_FOLDER/document-root" "$here/server.php"
