#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The agent Gemini CLI with a Google log-in (made-up access token): cloudcode-pa.googleapis.com, requests wrapped once more.
. "$(dirname "$0")/lib.sh"
private_home gemini-google
export GOOGLE_GENAI_USE_GCA=true
export GOOGLE_CLOUD_ACCESS_TOKEN=made-up-token
export GEMINI_CLI_TRUST_WORKSPACE=true

ask() { timeout "$TURN_LIMIT" "$NODE" "$CLIENTS_NPM/node_modules/.bin/gemini" -m gemini-2.5-flash -p "$1"; }

three_turns gemini-google
