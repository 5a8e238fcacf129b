#!/bin/sh
# Makes the secrets of compose.yaml: make-secrets.sh [FOLDER [NAME OF REDIS]]. By default in the folder `secrets`, for a Redis at `redis`.
# Those that exist stay as they are.
set -eu
folder=${1:-secrets}
redis=${2:-redis}
# Containers read the files as the users of their images, so the files are readable by all and the folder is not.
mkdir -p -m 700 "$folder"
cd "$folder"
umask 022

for name in api_key secret_key grafana_password; do
  [ -e $name ] || openssl rand -hex 32 >$name
done

if [ ! -e redis_conf ]; then
  password=$(openssl rand -hex 32)
  echo "requirepass $password" >redis_conf
  echo "rediss://:$password@$redis:6379" >redis_url
fi

# An authority for nothing but Redis; its key is thrown away, so that it signs nothing else.
if [ ! -e redis_cert ]; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj /CN=aivillage-redis-ca \
    -keyout redis_ca_key -out redis_ca 2>/dev/null
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$redis" -keyout redis_key -out redis_request 2>/dev/null
  echo "subjectAltName=DNS:$redis,DNS:localhost,IP:127.0.0.1" >redis_names
  openssl x509 -req -in redis_request -CA redis_ca -CAkey redis_ca_key -CAcreateserial -days 3650 -extfile redis_names -out redis_cert 2>/dev/null
  rm -f redis_ca_key redis_ca.srl redis_request redis_names
  # openssl makes keys readable by their owner alone.
  chmod 644 redis_key
fi
