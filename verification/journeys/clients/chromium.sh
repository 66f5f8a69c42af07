#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Chromium, headless, through /proxy.pac, as a page of chatgpt.com: our root is trusted through the NSS database of its HOME.
. "$(dirname "$0")/lib.sh"
. "$CLIENTS/chromium-run.sh"
private_home chromium
trust_in_nss "$AGENT_CA" chaperone
SENT_KNOWN=yes
mkdir -p "$UPSTREAM_FILES/chatgpt.com"
cp "$CLIENTS/page.html" "$UPSTREAM_FILES/chatgpt.com/page.html"

# The prompt travels in the fragment, which a browser keeps to itself.
ask() {
  local dom
  dom=$(browse "https://chatgpt.com/page.html#$(printf '%s' "$1" | base64 -w0)")
  printf '%s\n' "$dom" | sed -n 's/^.*<pre id="sent">\([^<]*\)<.*$/\1/p' | base64 -d >"$SENT"
  printf '%s\n' "$dom"
}

three_turns chromium
[ -n "$PROVE" ] || check 'chromium speaks HTTP/2' "$(oracle version 0 chatgpt.com /backend-api/conversation 2.0)"
