#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The npm package `openai`: chat completions and responses, whole and streamed.
. "$(dirname "$0")/lib.sh"
private_home node-openai
export CLIENTS_NPM
SENT_KNOWN=yes

ask() { timeout "$TURN_LIMIT" "$NODE" "$CLIENTS/node-openai.mjs" $FORM "$1"; }

FORM='chat json' three_turns node-openai-chat
FORM='chat stream' three_turns node-openai-chat-stream
FORM='responses json' three_turns node-openai-responses
FORM='responses stream' three_turns node-openai-responses-stream
