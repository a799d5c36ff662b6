#!/bin/sh
# Writes the T-SQL that the SQL Server of docker-compose.yml is set up with, from the table registry of this version.
set -eu

directory=${SCRIPTS_DIRECTORY:-/home/cordsearch/scripts}

write() { # source, database
    cordsearch ingest connectors create-tables-script --source "$1" --database "$2" > "$directory/$1_tables.sql"
    cordsearch ingest connectors enable-cdc-script --source "$1" --database "$2" > "$directory/$1_cdc.sql"
}

write product "$CORDSEARCH_CDC_PRODUCT_DATABASE"
write ecosystem "$CORDSEARCH_CDC_ECOSYSTEM_DATABASE"
