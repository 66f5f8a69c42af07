#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The agent GitHub Copilot CLI (npm @github/copilot), one shot, with a made-up token.
. "$(dirname "$0")/lib.sh"
private_home copilot
export COPILOT_GITHUB_TOKEN=gho_madeup

ask() { timeout "$TURN_LIMIT" "$NODE" "$CLIENTS_NPM/node_modules/.bin/copilot" -p "$1" --allow-all-tools; }

three_turns copilot
