#!/bin/sh
# Writes an .env for docker-compose.yml with fresh random passwords:  sh deploy/new_env.sh
# Never over an existing one: its passwords are in the volumes from the first start on.
set -euC
umask 077

file=${1:-.env}
if [ -e "$file" ]; then
    echo "$file is there already; its passwords may be in use. Move it away to make a new one." >&2
    exit 1
fi

password() { # SQL Server asks for three of: upper case, lower case, digits, others
    printf 'Aa1_%s' "$(head -c 64 /dev/urandom | base64 | tr -dc 'A-Za-z0-9' | head -c 28)"
}

cat > "$file" <<EOF
# For docker compose; .env.example names every other setting. Never commit this file.
CORDSEARCH_WAREHOUSE_USER=cordsearch
CORDSEARCH_WAREHOUSE_PASSWORD=$(password)
CORDSEARCH_GRAFANA_PASSWORD=$(password)

# true: searches need no API key, to try it out. Port 8000 is on this machine only; before others reach it, say false and
# make keys: docker compose run --rm service keys create shop --scope search
CORDSEARCH_ANONYMOUS=true

# Profile source: Y accepts the licence of Microsoft SQL Server, Developer edition.
CORDSEARCH_SQLSERVER_ACCEPT_EULA=N
CORDSEARCH_SQLSERVER_SA_PASSWORD=$(password)

# Profile stream: the databases the connectors follow, here those of profile source. For servers of your own set HOST,
# PORT, DATABASE, USER and PASSWORD too, and TRUST_CERTIFICATE=false.
CORDSEARCH_CDC_PRODUCT_USER=cord_product_reader
CORDSEARCH_CDC_PRODUCT_PASSWORD=$(password)
CORDSEARCH_CDC_PRODUCT_TRUST_CERTIFICATE=true
CORDSEARCH_CDC_ECOSYSTEM_USER=cord_ecosystem_reader
CORDSEARCH_CDC_ECOSYSTEM_PASSWORD=$(password)
CORDSEARCH_CDC_ECOSYSTEM_TRUST_CERTIFICATE=true
EOF
echo "$file is written. Read it before the first start."
