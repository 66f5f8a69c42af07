#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Python: requests and httpx (HTTP/2), and the vendors' packages openai and anthropic.
. "$(dirname "$0")/lib.sh"
private_home python
SENT_KNOWN=yes

ask() { timeout "$TURN_LIMIT" "$CLIENTS_PY/bin/python" "$CLIENTS/python.py" "$WAY" "$1"; }

for WAY in requests httpx openai anthropic; do three_turns "python-$WAY"; done
