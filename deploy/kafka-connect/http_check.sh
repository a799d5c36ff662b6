#!/usr/bin/env bash
# Health check for images without curl and wget: does http://127.0.0.1:<port><path> answer 200?
#   bash http_check.sh 8083 /connectors
set -euo pipefail

port=$1
path=$2
exec 3<>"/dev/tcp/127.0.0.1/${port}"
printf 'GET %s HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n' "${path}" >&3
read -r -t 5 status <&3
[[ ${status} == HTTP/*" 200 "* ]]
