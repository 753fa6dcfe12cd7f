#!/bin/sh
# Initialises the data folder on first use and becomes the server; arguments after `postgres` are the server's.
set -eu

if [ ! -s "$PGDATA/PG_VERSION" ]; then
    : "${POSTGRES_PASSWORD:?POSTGRES_PASSWORD is needed on the first start}"
    passwords=$(mktemp)
    trap 'rm -f "$passwords"' EXIT
    printf '%s\n' "$POSTGRES_PASSWORD" > "$passwords"
    initdb --username="${POSTGRES_USER:-postgres}" --pwfile="$passwords" --auth=scram-sha-256 \
        --data-checksums --encoding=UTF8 --locale=C.UTF-8
    rm -f "$passwords"
    echo 'host all all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
fi
unset POSTGRES_PASSWORD
exec "$@" -c listen_addresses='*'
