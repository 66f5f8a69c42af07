#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# ALPN and key exchange of opened hosts, as the upstream's ClientHello shows them and as the client agrees on them: the offer is the
# client's, without what the agent cannot speak; the agreement is the upstream's.
. "$(dirname "$0")/lib.sh"
. "$CLIENTS/go-build.sh"
. "$CLIENTS/chromium-run.sh"
private_home alpn
export AGENT_CA HTTPS_PROXY
unset NODE_USE_ENV_PROXY

# coded CODE: how often an event with this code was recorded.
coded() { "$CHAPERONE" events --json --data-dir "$AGENT_DATA" | python3 "$CLIENTS/oracle.py" - coded "$1"; }

# offer · upstream's host (server.mjs: which protocols it has) · expected offer upstream · expected agreement
# An upstream of HTTP/2 alone tells a client without ALPN so in HTTP/1.0 (403), unasked: whether that is read before the client's
# request is a matter of time, but the client never waits.
refused=$(coded CHP-IN-005)
alerts=0
while read -r offer speaks host upstream wanted; do
  from=$(log_mark)
  got=$(timeout 30 "$NODE" "$CLIENTS/alpn/client.mjs" "$host" "$offer" 2>&1)
  problem=$(oracle offered "$from" "$host" "$upstream")
  [[ "$got" == $wanted ]] || problem="${problem}the client got: $got; "
  case $wanted in alert*) alerts=$((alerts + 1)) ;; esac
  check "alpn: offer $offer, upstream $speaks: $upstream upstream, ${wanted//\\/}" "$problem"
done <<'MATRIX'
none    both api.together.xyz absent      none*200
none    h1   api.mistral.ai   absent      none*200
none    none api.cohere.com   absent      none*200
none    h2   api.groq.com     absent      none*@(403|502|closed)
h1      both api.together.xyz http/1.1    http/1.1*200
h1      h1   api.mistral.ai   http/1.1    http/1.1*200
h1      none api.cohere.com   http/1.1    none*200
h1      h2   api.groq.com     http/1.1    alert*NO_APPLICATION_PROTOCOL
h2      both api.together.xyz h2          h2*200
h2      h2   api.groq.com     h2          h2*200
h2      h1   api.mistral.ai   h2          alert*NO_APPLICATION_PROTOCOL
h2      none api.cohere.com   h2          none*200
both    both api.together.xyz h2+http/1.1 h2*200
both    h1   api.mistral.ai   h2+http/1.1 http/1.1*200
both    h2   api.groq.com     h2+http/1.1 h2*200
both    none api.cohere.com   h2+http/1.1 none*200
unknown both api.together.xyz nothing     alert*NO_APPLICATION_PROTOCOL
unknown h1   api.mistral.ai   nothing     alert*NO_APPLICATION_PROTOCOL
unknown h2   api.groq.com     nothing     alert*NO_APPLICATION_PROTOCOL
unknown none api.cohere.com   nothing     alert*NO_APPLICATION_PROTOCOL
MATRIX
refused=$(($(coded CHP-IN-005) - refused))
check "alpn: each of the $alerts refusals is an event" "$([ "$refused" = "$alerts" ] || echo "$refused events")"

# X25519MLKEM768 is group 4588 (IANA). The agent's hello has a share of it, and the client's own handshake agrees on it.
from=$(log_mark)
group=$("$(go_build alpn)" api.openai.com)
problem=$(oracle key_share "$from" api.openai.com 4588)
[ "$group" = 4588 ] || problem="${problem}the client agreed on group $group"
check 'key exchange: a client with X25519MLKEM768 gets it, and so does its upstream' "$problem"
from=$(log_mark)
trust_in_nss "$AGENT_CA" chaperone
mkdir -p "$UPSTREAM_FILES/chatgpt.com"
echo '<p>page shown</p>' >"$UPSTREAM_FILES/chatgpt.com/plain.html"
case $(browse https://chatgpt.com/plain.html) in *'page shown'*) problem= ;; *) problem='the page was not shown; ' ;; esac
check 'key exchange: Chromium keeps X25519MLKEM768' "$problem$(oracle key_share "$from" chatgpt.com 4588)"
# A client without it still gets through; what its upstream sees is then the agent's business.
from=$(log_mark)
problem=$(curl -sS --max-time 20 --curves X25519 --cacert "$AGENT_CA" https://api.openai.com/v1/models | grep -q '"object"' || echo 'no answer; ')
check 'key exchange: a client with X25519 only is served' "$problem"
