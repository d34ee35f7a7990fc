#!/bin/sh
# Makes the secrets of compose.yaml, each file for the one user that reads it. What is there already is left as it is.
# Run as root, as files are given away: sudo sh make-secrets.sh [DIRECTORY]
set -eu
umask 077

latchkey_user=10001
postgres_user=999
directory=${1:-$(dirname "$0")/secrets}

if [ "$(id -u)" -ne 0 ]; then
  echo "make-secrets: files are given to the users of the containers, which only root may do. Run: sudo sh $0" >&2
  exit 1
fi

# Writes standard input to a new file that only its owner may read, under its name only when it is complete.
keep() {
  draft=$(mktemp "$directory/.new.XXXXXX")
  cat >"$draft"
  chown "$2" "$draft"
  chmod 400 "$draft"
  mv -n "$draft" "$directory/$1"
  rm -f "$draft"
}

mkdir -p "$directory"
chmod 700 "$directory"
[ -e "$directory/latchkey-secret" ] || openssl rand -base64 48 | keep latchkey-secret "$latchkey_user"
[ -e "$directory/postgres-password" ] || openssl rand -hex 32 | keep postgres-password "$postgres_user"
[ -e "$directory/postgres-latchkey-password" ] || openssl rand -hex 32 | keep postgres-latchkey-password "$postgres_user"
# The same password, for the one who asks.
keep latchkey-database-password "$latchkey_user" <"$directory/postgres-latchkey-password"
