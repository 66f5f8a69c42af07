#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# curl over HTTP/1.1 and HTTP/2, OpenAI's chat completions. The body is ours, so its bytes are compared.
. "$(dirname "$0")/lib.sh"
private_home curl
SENT_KNOWN=yes

ask() {
  python3 -c 'import json, sys; print(json.dumps({"model": "gpt-5-mini", "messages": [{"role": "user", "content": sys.argv[1]}]}, ensure_ascii=False), end="")' "$1" >"$SENT"
  curl -sS --max-time "$TURN_LIMIT" "$VERSION" https://api.openai.com/v1/chat/completions -H 'content-type: application/json' \
    -H "authorization: Bearer made-up" --data-binary @"$SENT"
}

VERSION=--http1.1 three_turns curl-h1
VERSION=--http2 three_turns curl-h2
