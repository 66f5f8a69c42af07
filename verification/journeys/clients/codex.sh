#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The agent Codex (npm @openai/codex): WebSocket, its default, with a made-up API key.
. "$(dirname "$0")/lib.sh"
private_home codex
BY_WEBSOCKET=yes
export CODEX_API_KEY=made-up-key

ask() { timeout "$TURN_LIMIT" "$CLIENTS_NPM/node_modules/.bin/codex" exec --skip-git-repo-check "$1"; }

three_turns codex
