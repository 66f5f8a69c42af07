#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The agent Claude Code (npm @anthropic-ai/claude-code), one shot, with a made-up API key.
. "$(dirname "$0")/lib.sh"
private_home claude
export ANTHROPIC_API_KEY=made-up-key

ask() { timeout "$TURN_LIMIT" "$CLIENTS_NPM/node_modules/.bin/claude" -p "$1" --model claude-sonnet-4-5; }

three_turns claude
