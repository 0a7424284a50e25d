#!/bin/sh
# Makes the folders in FOLDERS on the WebDAV server at OWNCLOUD_URL, where they are missing.
set -eu

login=$(printf '%s:%s' "$OWNCLOUD_USER" "$OWNCLOUD_PASS" | sed 's/[\\"]/\\&/g')
for folder in $FOLDERS; do
  # The password by standard input: arguments can be read by everybody on the machine.
  status=$(
    printf 'user = "%s"\n' "$login" |
      curl --config - --silent --show-error --output /dev/null --write-out '%{http_code}' \
        --request MKCOL "$OWNCLOUD_URL/remote.php/webdav/$folder"
  )
  case $status in
    201) echo "made $folder" ;;
    405) echo "$folder is there" ;;
    *)
      echo "cannot make $folder: HTTP $status" >&2
      exit 1
      ;;
  esac
done
