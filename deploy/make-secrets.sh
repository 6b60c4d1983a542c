#!/bin/sh
# Makes the secrets that docker-compose.yml mounts: once, and only those that are not there yet.
# The folder is closed to other users of this host; the files are readable inside it, because the containers' users
# have other numbers than yours and Compose mounts the files as they are.
set -eu
cd "$(dirname "$0")"
umask 077
mkdir -p secrets
chmod 700 secrets

random() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }
keep() { # keep <name>: stdin becomes the file, unless it is there
  if [ -s "secrets/$1" ]; then cat >/dev/null; else cat >"secrets/$1.new" && mv "secrets/$1.new" "secrets/$1"; fi
  chmod 444 "secrets/$1"
}

random | keep postgres-password
random | keep nats-password
random | keep api-secret
random | keep admin-token
head -c 32 /dev/urandom | base64 | tr -d '\n' | keep encryption-key
postgres=$(cat secrets/postgres-password)
nats=$(cat secrets/nats-password)
printf 'postgres://terramesh:%s@postgres:5432/terramesh' "$postgres" | keep database-url
printf 'nats://terramesh:%s@nats:4222' "$nats" | keep mesh-url
printf 'authorization { user: terramesh, password: "%s" }\n' "$nats" | keep nats-authorization
echo "Secrets are in $(pwd)/secrets. The API secret, for the X-Atlantis-Token header, is in api-secret; the administrator's token for /api/v2 is in admin-token."
