#!/bin/bash
# Apache with mod_dav, in the foreground:
#
#   DAV_USER=… DAV_PASS=… tests/servers/apache/start.sh FOLDER PORT
#
# Serves FOLDER/files under /remote.php/dav/files/<user>/ and /remote.php/webdav/.
set -euo pipefail

if (($# != 2)); then
  echo "usage: DAV_USER=… DAV_PASS=… $0 FOLDER PORT" >&2
  exit 2
fi
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mkdir -p "$1/files/work" "$1/files/finalizado" "$1/locks"
DAV_FOLDER=$(cd "$1" && pwd)
DAV_PORT=$2
DAV_MODULES=${DAV_MODULES:-/usr/lib/apache2/modules}
export DAV_FOLDER DAV_PORT DAV_MODULES DAV_USER

# Through the environment: a command line can be read by every user of the machine.
python3 - >"$DAV_FOLDER/users" <<'PY'
import base64, hashlib, os
digest = base64.b64encode(hashlib.sha1(os.environb[b"DAV_PASS"]).digest()).decode()
print(f"{os.environ['DAV_USER']}:{{SHA}}{digest}")
PY

arguments=(-f "$here/httpd.conf" -DFOREGROUND)
if ((EUID == 0)); then
  chown -R www-data:www-data "$DAV_FOLDER"
  arguments+=(-DAS_ROOT)
fi
apache=$(PATH=$PATH:/usr/sbin command -v apache2)
unset DAV_PASS
exec "$apache" "${arguments[@]}"
