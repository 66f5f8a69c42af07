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

# restored_turn: the page reads an event stream and shows its text, with the values in it.
restored_turn() {
  local marker key from said problems=''
  marker=$(random_from a-z 12)
  key=$(made_up_key)
  from=$(log_mark)
  said=$(turn_output chromium restored "About $marker: {{say Key $key, and again $key.}}" | sed -n 's/^.*<pre id="said">\([^<]*\)<.*$/\1/p')
  [ "$said" = "Key $key, and again $key." ] || problems="the page shows: $said; "
  problems=$problems$(oracle redacted "$from" "$marker" "$key" '[SECRET-1]')$(oracle answered "$from" /backend-api/conversation br)
  check_guard 'chromium shows the values' "$problems" 'no placeholder' 'the value arrived'
}

three_turns chromium
restored_turn
[ -n "$PROVE" ] || check 'chromium speaks HTTP/2' "$(oracle version 0 chatgpt.com /backend-api/conversation 2.0)"
