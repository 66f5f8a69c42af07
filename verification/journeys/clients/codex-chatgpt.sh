#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The agent Codex with a ChatGPT log-in (made-up, unsigned tokens). The stand-in's chatgpt.com refuses the WebSocket with 426, so that
# Codex sends its prompts by POST: HTTP/2, bodies in zstd.
. "$(dirname "$0")/lib.sh"
private_home codex-chatgpt

base64url() { base64 -w0 | tr '+/' '-_' | tr -d =; }
# unsigned_jwt CLAIMS: what a log-in would have stored; nobody here verifies it.
unsigned_jwt() { printf '%s.%s.%s' "$(printf '{"alg":"none","typ":"JWT"}' | base64url)" "$(printf '%s' "$1" | base64url)" "$(printf 'made-up' | base64url)"; }

mkdir -p "$HOME/.codex"
account='"https://api.openai.com/auth":{"chatgpt_plan_type":"plus","chatgpt_account_id":"made-up-account","chatgpt_user_id":"user-made-up"}'
token=$(unsigned_jwt "{\"email\":\"journey@example.com\",\"exp\":$(($(date +%s) + 86400)),$account}")
printf '{"OPENAI_API_KEY":null,"tokens":{"id_token":"%s","access_token":"%s","refresh_token":"made-up","account_id":"made-up-account"},"last_refresh":"%s"}' \
  "$token" "$token" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" >"$HOME/.codex/auth.json"

ask() { timeout "$TURN_LIMIT" "$CLIENTS_NPM/node_modules/.bin/codex" exec --skip-git-repo-check "$1"; }

from=$(log_mark)
three_turns codex-chatgpt
[ -n "$PROVE" ] || check 'codex-chatgpt by POST over HTTP/2 in zstd' "$(oracle posted "$from" chatgpt.com /backend-api/codex/responses 2.0 zstd)"
