#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The npm package `@anthropic-ai/sdk`, whole and streamed.
. "$(dirname "$0")/lib.sh"
private_home node-anthropic
export CLIENTS_NPM
SENT_KNOWN=yes

ask() { timeout "$TURN_LIMIT" "$NODE" "$CLIENTS/node-anthropic.mjs" "$FORM" "$1"; }

FORM=json three_turns node-anthropic
FORM=stream three_turns node-anthropic-stream
