#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What passes by the proxy, on a network of its own: real curl, real TLS in pieces, real QUIC (aioquic) from one network namespace to
# another, and the agent beside them with the privileges of the service. Needs root, ip, setpriv, libpcap; about 1 minute.
# `--prove`: the same with the monitor off; every check of counting must then fail.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
: "${JAVA_HOME:?set JAVA_HOME to a JDK 25}"
prove=${1:-}
for tool in ip setpriv curl openssl python3; do command -v $tool >/dev/null || { echo "$tool is missing" >&2; exit 3; }; done
peer=$root/verification/journeys/unproxied-peer.py
desk=chp-desk-$$ world=chp-world-$$ user=61001
ip netns add "$desk" 2>/dev/null || { echo 'NOT RUN: no network namespace can be made here'; exit 3; }
"$root/chaperone" --version >/dev/null # builds when a source is newer
work=$(mktemp -d)
chmod 755 "$work"
pids=() passed=0 failed=0
clean() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  ip netns del "$desk" 2>/dev/null || true
  ip netns del "$world" 2>/dev/null || true
  [ -n "${KEEP:-}" ] && echo "kept: $work" || rm -rf "$work"
}
trap clean EXIT
ok() { passed=$((passed + 1)); echo "ok    $1"; }
bad() { failed=$((failed + 1)); echo "FAIL  $1"; }
check() { # WHAT COMMAND …
  local what=$1
  shift
  if "$@" >"$work/check" 2>&1; then ok "$what"; else bad "$what"; sed 's/^/      /' "$work/check" | tail -5; fi
}
not() { ! "$@"; }
await() { # SECONDS COMMAND …
  local until=$((SECONDS + $1))
  shift
  while [ $SECONDS -lt $until ]; do "$@" >/dev/null 2>&1 && return 0; sleep 0.1; done
  return 1
}
at_desk() { ip netns exec "$desk" "$@"; }

ip netns add "$world"
ip link add chp-a-$$ netns "$desk" type veth peer name chp-b-$$ netns "$world"
for side in "$desk chp-a-$$ 10.99.0.1 fd00:99::1" "$world chp-b-$$ 10.99.0.2 fd00:99::2"; do
  read -r space link four six <<<"$side"
  ip -n "$space" link set lo up
  ip -n "$space" link set "$link" up
  ip -n "$space" addr add "$four/24" dev "$link"
  ip -n "$space" addr add "$six/64" dev "$link" nodad
done
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj '/CN=unproxied' \
  -addext 'subjectAltName=DNS:api.openai.com,DNS:api.anthropic.com,DNS:bank.test' -keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null
ip netns exec "$world" python3 "$peer" serve 10.99.0.2 fd00:99::2 "$work/cert.pem" "$work/key.pem" 2>"$work/world.err" &
pids+=($!)
venv=${XDG_CACHE_HOME:-$HOME/.cache}/chaperone-clients/quic
if [ ! -x "$venv/bin/python" ] || ! "$venv/bin/python" -c 'import aioquic' 2>/dev/null; then
  python3 -m venv "$venv" >/dev/null 2>&1 && "$venv/bin/pip" -q install 'aioquic==1.7.2' >/dev/null 2>&1 || true
fi
quic=
if "$venv/bin/python" -c 'import aioquic' 2>/dev/null; then
  quic=yes
  ip netns exec "$world" "$venv/bin/python" "$peer" serve-quic 10.99.0.2 "$work/cert.pem" "$work/key.pem" 2>>"$work/world.err" &
  pids+=($!)
fi

cp "$root/policies/allow-all.yaml" "$work/off.yaml"
{ cat "$root/policies/allow-all.yaml"; printf 'monitor:\n  unproxied: true\n'; } >"$work/on.yaml"
on=on
[ "$prove" = --prove ] && on=off

agent() { # NAME POLICY CAPABILITIES: sets $pid, $data, $proxy
  data=$work/$1
  mkdir -m 700 "$data"
  chown $user:$user "$data"
  # A function in the background would be a shell of its own, whose process is not the agent.
  ip netns exec "$desk" setpriv --reuid $user --regid $user --clear-groups --inh-caps "-all,$3" --ambient-caps "-all,$3" --bounding-set "-all,$3" --no-new-privs \
    env HOME="$data" XDG_RUNTIME_DIR="$data" "$root/chaperone" run --no-ui --policy "$work/$2.yaml" --data-dir "$data" --listen 127.0.0.1:0 \
    --connect-to "api.openai.com:443:10.99.0.2:443" --upstream-ca "$work/cert.pem" >"$work/$1.out" 2>"$work/$1.err" &
  pid=$!
  pids+=("$pid")
  await 40 grep -q 'ready on' "$work/$1.out" || { cat "$work/$1.err" >&2; exit 3; }
  grep -q 'AgentMain run ' < <(tr '\0' ' ' <"/proc/$pid/cmdline") || { echo "process $pid is not the agent" >&2; exit 3; }
  proxy=$(sed 's/.*ready on \([^ ]*\) .*/\1/' "$work/$1.out")
}
stop() { kill "$pid"; wait "$pid" 2>/dev/null || true; }
as_agent() { setpriv --reuid $user --regid $user --clear-groups "$root/chaperone" "$@"; }
events() { as_agent events --json --data-dir "$data"; }
seen() { events | python3 -c '
import json, sys
reason, service, app = sys.argv[1:]
n = 0
for e in map(json.loads, sys.stdin):
    if reason in e["notInspected"] and service in ("*", e["service"]) and app in ("*", e["app"]["name"]): n += 1 + e["repeats"]
print(n)' "$@"; }
counted() { [ "$(seen "$1" "$2" "$3")" = "$4" ]; } # REASON SERVICE APP HOW-OFTEN
child() { # the one process that the agent started, by its command line
  local one
  for one in $(cat /proc/"$pid"/task/*/children 2>/dev/null); do
    tr '\0' ' ' <"/proc/$one/cmdline" 2>/dev/null | grep -q ' capture $' && { echo "$one"; return 0; }
  done
  return 1
}
direct() { at_desk curl -sk --max-time 10 --resolve "$1:443:$2" "https://$1/v1/models"; }

echo '== off: as it is by default'
agent off off +sys_ptrace,+dac_read_search
direct api.openai.com 10.99.0.2 >/dev/null
check 'no second process' not child
check 'no libpcap, no JNA in the agent' not grep -qE 'libpcap|jnidispatch' /proc/$pid/maps
check 'no event' test "$(events | wc -l)" = 0
check 'doctor says that policy does not ask' grep -q 'policy does not ask' <(as_agent doctor --data-dir "$data")
stop

echo "== $on"
agent on $on +net_raw,+sys_ptrace,+dac_read_search
check 'a process of its own' await 20 child
check 'it runs' await 20 grep -q 'the passive monitor runs' "$work/on.err"
monitor=$(child || echo none)
check 'it may capture and nothing else' grep -q '^CapPrm:.*0000000000002000$' /proc/$monitor/status
check 'libpcap is in its memory' grep -q libpcap /proc/$monitor/maps
ok_silent() { not grep -qE 'libpcap|jnidispatch' /proc/$pid/maps; }
check 'and not in the agent'"'"'s' ok_silent

at_desk curl -s --max-time 10 --cacert "$data/ca.pem" -x "http://$proxy" https://api.openai.com/v1/models >/dev/null
at_desk curl -s --max-time 10 --cacert "$data/ca.pem" -x "http://$proxy" https://api.openai.com/v1/models >"$work/proxied"
check 'the proxy works' grep -q '{}' "$work/proxied"
direct bank.test 10.99.0.2 >/dev/null
direct bank.test '[fd00:99::2]' >/dev/null
at_desk python3 "$peer" pieces bank.test 10.99.0.2
[ -n "$quic" ] && at_desk "$venv/bin/python" "$peer" quic bank.test 10.99.0.2 1
sleep 1
passed_by() { events | grep -c bypassed || true; }
check 'through the proxy: not counted' test "$(passed_by)" = 0
leaves_no_trace() { ! { events; as_agent doctor --json --data-dir "$data"; cat "$work/on.out" "$work/on.err"; find "$data" -type f -exec cat {} +; } | grep -aqE 'bank\.test|10\.99\.0|fd00:99'; }
check 'another host: no trace in events, doctor, output or data folder' leaves_no_trace

direct api.openai.com 10.99.0.2 >/dev/null
check 'curl to an AI host: counted, with program and service' await 20 counted bypassed_proxy openai-api curl 1
direct api.openai.com '[fd00:99::2]' >/dev/null
check 'by IPv6 too, in the same event' await 20 counted bypassed_proxy openai-api curl 2
at_desk python3 "$peer" pieces api.anthropic.com 10.99.0.2
check 'a hello in many segments' await 20 counted bypassed_proxy anthropic-api '*' 1
if [ -n "$quic" ]; then
  at_desk "$venv/bin/python" "$peer" quic api.openai.com 10.99.0.2 1
  check 'QUIC version 1' await 20 counted bypassed_proxy_quic openai-api '*' 1
  at_desk "$venv/bin/python" "$peer" quic api.openai.com 10.99.0.2 2
  check 'QUIC version 2' await 20 counted bypassed_proxy_quic openai-api '*' 2
  check 'QUIC has a program' counted bypassed_proxy_quic openai-api unproxied-peer 2 # a script counts, not its interpreter
else
  echo 'NOT RUN: QUIC (aioquic cannot be installed here)'
fi
check 'doctor names program and service' grep -q 'seen, not inspected: 2 connections of curl to openai-api' <(as_agent doctor --data-dir "$data")
if [ "$prove" != --prove ]; then
  kill -9 "$monitor"
  check 'killed, it is started again' await 20 child
  await 20 [ "$(grep -c 'the passive monitor runs' "$work/on.err")" = 2 ] || sleep 3
  direct api.openai.com 10.99.0.2 >/dev/null
  check 'and counts again' await 20 counted bypassed_proxy openai-api curl 3
  cp "$work/off.yaml" "$work/on.yaml"
  kill -HUP "$pid"
  check 'a policy without it ends it' await 40 not child
  { cat "$work/off.yaml"; printf 'monitor:\n  unproxied: true\n'; } >"$work/on.yaml"
  kill -HUP "$pid"
  check 'a policy with it starts it' await 20 child
  left=$(child)
  kill -9 "$pid"
  check 'it ends with an agent that was killed' await 10 not kill -0 "$left"
else
  stop
fi

echo '== policy asks, the privilege is missing'
agent bare $on +sys_ptrace,+dac_read_search
check 'one line says so' await 10 grep -q 'not counted, all else goes on: the agent lacks the privilege CAP_NET_RAW' "$work/bare.err"
check 'and doctor' grep -q 'and nobody does: the agent lacks the privilege CAP_NET_RAW' <(as_agent doctor --data-dir "$data")
check 'no second process' not child
at_desk curl -s --max-time 10 --cacert "$data/ca.pem" -x "http://$proxy" https://api.openai.com/v1/models >"$work/proxied"
check 'the proxy works' grep -q '{}' "$work/proxied"
stop
echo "unproxied: $passed passed, $failed failed"
[ "$failed" = 0 ]
