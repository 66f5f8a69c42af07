#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every journey with every client, one line a case, `N passed, N failed` at the end. Status 0 only if all held and there were any.
# all.sh [--prove] [SCRIPT …]   --prove: with everything allowed, the assertions on redaction and refusal must all fail.
case ${1:-} in --prove) export PROVE=yes; shift ;; esac
. "$(dirname "$0")/lib.sh"

clients=(curl.sh python.sh go.sh node-openai.sh node-anthropic.sh claude.sh codex.sh codex-chatgpt.sh gemini.sh gemini-google.sh copilot.sh chromium.sh session.sh
  agent-task.sh restored.sh)
others=(only-ai-hosts.sh bank-leaf.sh alpn.sh)
scripts=("$@")
if [ ${#scripts[@]} = 0 ]; then
  scripts=("${clients[@]}")
  [ -n "$PROVE" ] || scripts+=("${others[@]}")
fi

# A client that is not there is a failure, not a skipped case.
for program in curl git openssl python3 certutil vfychain chromium npm; do
  command -v "$program" >/dev/null || bad "installed" "$program is missing"
done
command -v go >/dev/null || [ -x /usr/local/go/bin/go ] || bad installed 'go is missing'
[ -x "$CLIENTS_PY/bin/python" ] || bad installed "no Python packages in $CLIENTS_PY: run setup.sh"
for client in claude codex gemini copilot; do
  [ -e "$CLIENTS_NPM/node_modules/.bin/$client" ] || bad installed "$client is missing in $CLIENTS_NPM: run setup.sh"
done

for script in "${scripts[@]}"; do
  before=$(wc -l <"$RESULTS")
  "$CLIENTS/$script" </dev/null || bad "$script" "ended with status $?"
  [ "$(wc -l <"$RESULTS")" -gt "$before" ] || bad "$script" 'ran no case'
done

passed=$(grep -cx ok "$RESULTS")
failed=$(grep -cx bad "$RESULTS")
printf '%s passed, %s failed\n' "$passed" "$failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
