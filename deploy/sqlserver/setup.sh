#!/usr/bin/env bash
# Sets up the SQL Server of docker-compose.yml: databases, tables, change data capture, the connectors' logins.
# Safe to run again. No password is an argument, which `ps` would show.
set -euo pipefail

scripts=${SCRIPTS_DIRECTORY:-/scripts}
here=$(dirname "$0")
# -C trusts the server's self-signed certificate, -b stops at the first error, -I quotes identifiers as CDC needs.
sqlcmd=("${SQLCMD:-/opt/mssql-tools18/bin/sqlcmd}" -S "${SQLSERVER_HOST:-sqlserver}" -U sa -C -b -I)
export SQLCMDPASSWORD=${MSSQL_SA_PASSWORD:?set CORDSEARCH_SQLSERVER_SA_PASSWORD in .env}

# CDC starts its jobs through the Agent, which comes up after the server. Without it, they start when it does.
agent_runs="SET NOCOUNT ON; IF NOT EXISTS (SELECT 1 FROM sys.dm_exec_sessions WHERE program_name LIKE N'SQLAgent%')
    THROW 50000, N'SQL Server Agent does not run yet', 1;"
for _ in $(seq 1 "${AGENT_TRIES:-30}"); do
    "${sqlcmd[@]}" -Q "${agent_runs}" > /dev/null 2>&1 && break
    sleep "${AGENT_SECONDS:-2}"
done

# The login's script holds its password, so it is a file that nobody else can read, and not an argument.
umask 077
login_script=$(mktemp)
trap 'rm -f "${login_script}"' EXIT

set_up() { # source, database, login, password
    "${sqlcmd[@]}" -i "${scripts}/$1_tables.sql"
    "${sqlcmd[@]}" -i "${scripts}/$1_cdc.sql"
    local text quote="'"
    text=$(<"${here}/reader_login.sql")
    text=${text//'{database}'/"$2"}
    text=${text//'{login}'/"$3"}
    text=${text//'{password}'/"${4//${quote}/${quote}${quote}}"}
    printf '%s\n' "${text}" > "${login_script}"
    "${sqlcmd[@]}" -x -i "${login_script}" # -x: a $( in a password is no variable
    echo "$1: database $2 is ready for its connector"
}

set_up product "${CORDSEARCH_CDC_PRODUCT_DATABASE}" "${CORDSEARCH_CDC_PRODUCT_USER}" "${CORDSEARCH_CDC_PRODUCT_PASSWORD}"
set_up ecosystem "${CORDSEARCH_CDC_ECOSYSTEM_DATABASE}" \
    "${CORDSEARCH_CDC_ECOSYSTEM_USER}" "${CORDSEARCH_CDC_ECOSYSTEM_PASSWORD}"
