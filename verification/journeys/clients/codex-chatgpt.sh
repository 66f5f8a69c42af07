#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The agent Codex with a ChatGPT log-in (made-up, unsigned tokens). The stand-in's chatgpt.com refuses the WebSocket with 426, so that
# Codex sends its prompts by POST: HTTP/2, bodies in zstd.
. "$(dirname "$0")/lib.sh"
private_home codex-chatgpt

chatgpt_login

ask() { timeout "$TURN_LIMIT" "$CLIENTS_NPM/node_modules/.bin/codex" exec --skip-git-repo-check "$1"; }

from=$(log_mark)
three_turns codex-chatgpt
[ -n "$PROVE" ] || check 'codex-chatgpt by POST over HTTP/2 in zstd' "$(oracle posted "$from" chatgpt.com /backend-api/codex/responses 2.0 zstd)"
