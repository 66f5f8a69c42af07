#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The agent Gemini CLI (npm @google/gemini-cli), one shot, with a made-up API key.
. "$(dirname "$0")/lib.sh"
private_home gemini
export GEMINI_API_KEY=made-up-key
export GEMINI_CLI_TRUST_WORKSPACE=true

ask() { timeout "$TURN_LIMIT" "$NODE" "$CLIENTS_NPM/node_modules/.bin/gemini" -m gemini-2.5-flash -p "$1"; }

three_turns gemini
