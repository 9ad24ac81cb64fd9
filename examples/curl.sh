#!/usr/bin/env bash
# Posts one trace and prints the verdict. COT_MONITOR_URL and COT_MONITOR_KEY say where, and with which key.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
curl --silent --show-error --fail-with-body \
  --header 'content-type: application/json' \
  ${COT_MONITOR_KEY:+--header "authorization: Bearer $COT_MONITOR_KEY"} \
  --data-binary "$(sed -n "${1:-2}p" traces.jsonl)" \
  "${COT_MONITOR_URL:-http://127.0.0.1:8080}/v1/monitor"
