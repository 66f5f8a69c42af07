#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What passes by the proxy, on a network of its own: real curl, real TLS in pieces, real QUIC (aioquic) from one network namespace to
# another, and the agent beside them with the rights that its unit and the packages' drop-in give (unit-sandbox.py). The same from a file
# of tcpdump, and in the report of a real server. Needs root, ip, setpriv, libpcap, libseccomp, systemd-analyze, tcpdump; about 2 minutes.
# With IMAGE=FOLDER the program of jpackage/build-image.sh is tried too.
# `--prove`: each claim with what it is about broken: policy off, the drop-in whole where it should lack something and the other way
# round, libpcap there, tcpdump deaf, files undamaged. Ends with 1 when every claim failed, as it must; with 0 when one held.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
: "${JAVA_HOME:?set JAVA_HOME to a JDK 25}"
prove=${1:-}
for tool in ip setpriv curl openssl python3 tcpdump systemd-analyze; do command -v $tool >/dev/null || { echo "$tool is missing" >&2; exit 3; }; done
peer=$root/verification/journeys/unproxied-peer.py
desk=chp-desk-$$ world=chp-world-$$ user=61001
ip netns add "$desk" 2>/dev/null || { echo 'NOT RUN: no network namespace can be made here'; exit 3; }
[ -z "${IMAGE:-}" ] || [ -x "$IMAGE/bin/chaperone" ] || { echo "no program in $IMAGE" >&2; exit 3; }
"$root/chaperone" --version >/dev/null # builds when a source is newer
work=$(mktemp -d)
chmod 755 "$work"
pids=() passed=0 failed=0 held=0
clean() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  ip netns del "$desk" 2>/dev/null || true
  ip netns del "$world" 2>/dev/null || true
  [ -n "${KEEP:-}" ] && echo "kept: $work" || rm -rf "$work"
}
trap clean EXIT
ok() { last=ok passed=$((passed + 1)); echo "ok    $1"; }
bad() { last=bad failed=$((failed + 1)); echo "FAIL  $1"; }
check() { # WHAT COMMAND …
  local what=$1
  shift
  if "$@" >"$work/check" 2>&1; then ok "$what"; else bad "$what"; sed 's/^/      /' "$work/check" | tail -5; fi
}
claim() { # like check; with --prove it must fail
  check "$@"
  [ "$prove" != --prove ] || [ "$last" = bad ] || { held=$((held + 1)); echo '      HELD, although broken on purpose'; }
}
not() { ! "$@"; }
await() { # SECONDS COMMAND …
  local until=$((SECONDS + ${patience:-$1}))
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
"$venv/bin/python" -c 'import aioquic' 2>/dev/null || { echo 'aioquic is missing and cannot be installed here: nobody would speak QUIC' >&2; exit 3; }
ip netns exec "$world" "$venv/bin/python" "$peer" serve-quic 10.99.0.2 "$work/cert.pem" "$work/key.pem" 2>>"$work/world.err" &
pids+=($!)

cp "$root/policies/allow-all.yaml" "$work/off.yaml"
{ cat "$root/policies/allow-all.yaml"; printf 'monitor:\n  unproxied: true\n'; } >"$work/on.yaml"
on=on
[ "$prove" = --prove ] && on=off

linux=$root/installer/linux/files
# What the document says to type, on folders of its own; systemd itself reads what comes of it.
mkdir "$work/share" "$work/etc"
cp "$linux/passive-monitor.conf" "$work/share/"
enable=$(sed -n '/^## The passive monitor/,/^## /s/^    \(mkdir .*passive-monitor.*\)/\1/p' "$root/docs/command-line.md")
at_desk bash -euc '
  mkdir -p /opt /etc/systemd/system
  mount -t tmpfs none /opt && mkdir -p /opt/chaperone/share && cp "$1/share/passive-monitor.conf" /opt/chaperone/share/
  mount --bind "$1/etc" /etc/systemd/system
  eval "$2"
  cp -L /etc/systemd/system/chaperone.service.d/*.conf "$1/dropin.conf"' enable "$work" "$enable"
unit=$linux/chaperone.service dropin=$work/dropin.conf
read_by_systemd() { # DROPIN…: what the unit may do, as systemd reads it
  rm -rf "$work/sysroot"
  mkdir -p "$work/sysroot/etc/systemd/system/chaperone.service.d" "$work/sysroot/usr/lib/systemd/system" "$work/sysroot/opt/chaperone/bin"
  cp "$unit" "$work/sysroot/usr/lib/systemd/system/"
  [ $# = 0 ] || cp "$@" "$work/sysroot/etc/systemd/system/chaperone.service.d/"
  systemd-analyze security --offline=true --root="$work/sysroot" --json=short chaperone.service 2>/dev/null |
    python3 -c 'import json, sys; [print(x["json_field"], x["set"]) for x in json.load(sys.stdin)]'
}

around=() program=$root/chaperone
agent() { # NAME POLICY [DROPIN]: sets $pid, $data, $proxy; in a data folder that may be there
  local name=$1 policy=$2 units=("$unit")
  data=$work/$name
  [ -z "${3:-}" ] || units+=("$3")
  [ -d "$data" ] || install -d -m 700 -o $user -g $user "$data"
  # A function in the background would be a shell of its own, whose process is not the agent.
  ip netns exec "$desk" "${around[@]}" env HOME="$data" XDG_RUNTIME_DIR="$data" python3 "$root/verification/journeys/unit-sandbox.py" $user "${units[@]}" -- \
    "$program" run --no-ui --policy "$work/$policy.yaml" --data-dir "$data" --listen 127.0.0.1:0 \
    --connect-to "api.openai.com:443:10.99.0.2:443" --upstream-ca "$work/cert.pem" >"$work/$name.out" 2>"$work/$name.err" &
  pid=$!
  pids+=("$pid")
  patience='' await 60 grep -q 'ready on' "$work/$name.out" || { cat "$work/$name.err" >&2; exit 3; }
  grep -qE '(AgentMain|bin/chaperone) run ' < <(tr '\0' ' ' <"/proc/$pid/cmdline") || { echo "process $pid is not the agent" >&2; exit 3; }
  proxy=$(sed 's/.*ready on \([^ ]*\) .*/\1/' "$work/$name.out")
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

proxy_works() {
  at_desk curl -s --max-time 10 --cacert "$data/ca.pem" -x "http://$proxy" https://api.openai.com/v1/models >"$work/proxied"
  grep -q '{}' "$work/proxied"
}
[ "$prove" = --prove ] && patience=4

echo '== the drop-in'
read_by_systemd >"$work/without"
read_by_systemd "$dropin" >"$work/with"
differs() { diff "$work/without" "$work/with" | sed -n 's/^> \([A-Za-z_]*\).*/\1/p' | sort | paste -sd' '; }
check 'systemd reads a unit that may do more' test -s "$work/with"
check 'in nothing but these' test "$(differs)" = 'CapabilityBoundingSet_CAP_NET_BIND_SERVICE_BROADCAST_RAW RestrictAddressFamilies_AF_PACKET SystemCallFilter_privileged'

echo '== off: as it is by default'
agent off off "$dropin"
direct api.openai.com 10.99.0.2 >/dev/null
check 'no second process' not child
check 'no libpcap, no JNA in the agent' not grep -qE 'libpcap|jnidispatch' /proc/$pid/maps
check 'no event' test "$(events | wc -l)" = 0
check 'doctor says that policy does not ask' grep -q 'policy does not ask' <(as_agent doctor --data-dir "$data")
stop

echo "== $on"
agent on $on "$dropin"
claim 'a process of its own' await 20 child
claim 'it runs' await 20 grep -q 'the passive monitor runs' "$work/on.err"
monitor=$(child || echo none)
claim 'it may capture and nothing else' grep -q '^CapPrm:.*0000000000002000$' /proc/$monitor/status
claim 'libpcap is in its memory' grep -q libpcap /proc/$monitor/maps
check 'and not in the agent'"'"'s' not grep -qE 'libpcap|jnidispatch' /proc/$pid/maps

check 'the proxy works' proxy_works
proxy_works
direct bank.test 10.99.0.2 >/dev/null
direct bank.test '[fd00:99::2]' >/dev/null
at_desk python3 "$peer" pieces bank.test 10.99.0.2
at_desk "$venv/bin/python" "$peer" quic bank.test 10.99.0.2 1
sleep 1
passed_by() { events | grep -c bypassed || true; }
check 'through the proxy: not counted' test "$(passed_by)" = 0
leaves_no_trace() { ! { events; as_agent doctor --json --data-dir "$data"; cat "$work/on.out" "$work/on.err"; find "$data" -type f -exec cat {} +; } | grep -aqE 'bank\.test|10\.99\.0|fd00:99'; }
check 'another host: no trace in events, doctor, output or data folder' leaves_no_trace

direct api.openai.com 10.99.0.2 >/dev/null
claim 'curl to an AI host: counted, with program and service' await 20 counted bypassed_proxy openai-api curl 1
direct api.openai.com '[fd00:99::2]' >/dev/null
claim 'by IPv6 too, in the same event' await 20 counted bypassed_proxy openai-api curl 2
at_desk python3 "$peer" pieces api.anthropic.com 10.99.0.2
claim 'a hello in many segments' await 20 counted bypassed_proxy anthropic-api '*' 1
at_desk "$venv/bin/python" "$peer" quic api.openai.com 10.99.0.2 1
claim 'QUIC version 1' await 20 counted bypassed_proxy_quic openai-api '*' 1
at_desk "$venv/bin/python" "$peer" quic api.openai.com 10.99.0.2 2
claim 'QUIC version 2' await 20 counted bypassed_proxy_quic openai-api '*' 2
claim 'QUIC has a program' counted bypassed_proxy_quic openai-api unproxied-peer 2 # a script counts, not its interpreter
claim 'doctor names program and service' grep -q 'seen, not inspected: 2 connections of curl to openai-api' <(as_agent doctor --data-dir "$data")
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

echo '== enrolled: the report of a server, and a recording of the same'
ip netns exec "$desk" "$root/chaperone" server --data-dir "$work/server" --listen 127.0.0.1:0 --agents-listen 127.0.0.1:0 --minimum-group 1 >"$work/server.out" 2>"$work/server.err" &
pids+=($!)
patience='' await 60 grep -q 'enrolment token' "$work/server.out" || { cat "$work/server.err" >&2; exit 3; }
at_desk "$root/chaperone" admin publish "$work/$on.yaml" --data-dir "$work/server" >/dev/null
install -d -m 700 -o $user -g $user "$work/enrolled"
at_desk setpriv --reuid $user --regid $user --clear-groups "$root/chaperone" enroll --data-dir "$work/enrolled" "$(sed -n 's/^enrolment token: //p' "$work/server.out")" >/dev/null
agent enrolled off "$dropin" # its own file says off
claim "the company's policy starts it" await 60 grep -q 'the passive monitor runs' "$work/enrolled.err"

mkfifo "$work/hosts"
exec 7<>"$work/hosts"
ip netns exec "$desk" setpriv --reuid $user --regid $user --clear-groups --inh-caps -all,+net_raw --ambient-caps -all,+net_raw --bounding-set -all,+net_raw --no-new-privs \
  "$root/chaperone" capture <"$work/hosts" >"$work/live" 2>"$work/live.err" &
live=$!
pids+=("$live")
echo 'hosts api.openai.com api.anthropic.com' >&7
patience='' await 40 grep -q ready "$work/live" || { cat "$work/live.err" >&2; exit 3; }
filter=
[ "$prove" = --prove ] && filter='tcp port 1'
recorders=()
for link in any "chp-a-$$"; do
  ip netns exec "$desk" tcpdump -Z root -U -i "$link" -w "$work/${link%%-*}.pcap" $filter 2>"$work/tcpdump-${link%%-*}" &
  recorders+=($!)
  pids+=($!)
  patience='' await 20 grep -q 'listening on' "$work/tcpdump-${link%%-*}" || { cat "$work/tcpdump-${link%%-*}" >&2; exit 3; }
done
proxy_works
direct api.openai.com 10.99.0.2 >/dev/null
direct api.openai.com '[fd00:99::2]' >/dev/null
direct bank.test 10.99.0.2 >/dev/null
at_desk python3 "$peer" pieces api.anthropic.com 10.99.0.2
for version in 1 2; do at_desk "$venv/bin/python" "$peer" quic api.openai.com 10.99.0.2 $version; done
sleep 2
kill -INT "${recorders[@]}"
wait "${recorders[@]}" 2>/dev/null || true
kill "$live"
exec 7>&-
chmod 644 "$work"/*.pcap
check 'live: six, with the one of the proxy' test "$(grep -c '^seen ' "$work/live")" = 6
as_live() { # FILE: holds what was seen live, and nothing else
  as_agent capture --read "$1" >"$work/read" && diff <(grep '^seen ' "$work/live" | sort) <(grep -v '^unread-quic 0$' "$work/read" | sort)
}
claim 'a file of every interface: the same lines' as_live "$work/any.pcap"
claim 'a file of one interface: the same lines' as_live "$work/chp.pcap"
refused() { # STATUS TEXT FILE: one line on standard error, which holds the text
  local status=0
  as_agent capture --read "$3" >"$work/read" 2>"$work/read.err" || status=$?
  cat "$work/read.err"
  [ "$status" = "$1" ] && [ "$(wc -l <"$work/read.err")" = 1 ] && grep -qF -- "$2" "$work/read.err"
}
cut=$work/cut.pcap text=$work/text.pcap other=$work/other.pcap
if [ "$prove" = --prove ]; then
  for file in "$cut" "$text" "$other"; do cp "$work/any.pcap" "$file"; done
else
  head -c -7 "$work/any.pcap" >"$cut"
  echo 'no pcap at all, but longer than the head of one' >"$text"
  python3 -c 'import struct, sys; sys.stdout.buffer.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 105))' >"$other"
fi
claim 'one cut off is said to be, with 2' refused 2 'damaged or cut off' "$cut"
[ "$prove" = --prove ] || check 'after what stands before the cut' test "$(grep -c '^seen ' "$work/read")" = 6
claim 'one that is none too' refused 2 'no capture file' "$text"
claim 'a link type that is not read too' refused 2 'link type 105' "$other"
check 'and a file that is not there' refused 2 'no file that can be read' "$work/nowhere.pcap"

report() { at_desk "$root/chaperone" report usage --format json --data-dir "$work/server"; }
reported() { # what the completeness of the report holds, and that it is less than it was
  report | python3 -c '
import json, sys
c = json.load(sys.stdin)["completeness"]
print(c)
n = c["notInspected"]
sys.exit(not (n.get("bypassed-proxy") == 3 and n.get("bypassed-proxy-quic") == 2 and c["devices"] == 1 and c["percent"] < 100))'
}
await 40 reported || true
claim "the report's completeness counts them: 3 by TCP, 2 by QUIC" reported
stop

if [ -n "${IMAGE:-}" ]; then
  echo '== the packaged program'
  program=$IMAGE/bin/chaperone
  agent packaged $on "$dropin"
  claim 'its monitor runs' await 20 grep -q 'the passive monitor runs' "$work/packaged.err"
  claim 'it may capture and nothing else' grep -q '^CapPrm:.*0000000000002000$' "/proc/$(child || echo none)/status"
  stop
  program=$root/chaperone
fi

echo '== policy asks, something is missing'
says_why() { # NAME TEXT: one line of the log, and doctor
  await 20 grep -qF "not counted, all else goes on: " "$work/$1.err" && cat "$work/$1.err" &&
    [ "$(grep -cF 'not counted, all else goes on: ' "$work/$1.err")" = 1 ] && grep -F 'not counted, all else goes on: ' "$work/$1.err" | grep -qF -- "$2" &&
    grep -F 'and nobody does: ' < <(as_agent doctor --data-dir "$data") | grep -qF -- "$2"
}
goes_on() { # WHAT: with nobody who looks
  claim "$1: no second process stays" await 10 not child
  check "$1: the proxy works" proxy_works
  stop
}
whole() { [ "$prove" != --prove ] || echo "$dropin"; } # nothing, or what breaks the claim
agent bare on "$(whole)"
claim 'no drop-in: log and doctor say which' says_why bare 'lacks the privilege CAP_NET_RAW, which on an installed machine root gives by the drop-in /opt/chaperone/share/passive-monitor.conf'
goes_on 'no drop-in'
for line in 'AmbientCapabilities|CAP_NET_RAW' 'RestrictAddressFamilies|AF_PACKET' 'SystemCallFilter|lacks the call capset'; do
  key=${line%|*}
  sed "/^$key=/d" "$dropin" >"$work/less-$key.conf"
  [ "$prove" != --prove ] || cp "$dropin" "$work/less-$key.conf"
  agent "less-$key" on "$work/less-$key.conf"
  claim "the drop-in without $key: log and doctor say why" says_why "less-$key" "${line#*|}"
  goes_on "without $key"
done
if [ "$prove" != --prove ]; then
  : >"$work/nothing"
  around=(bash -euc 'find /lib /usr/lib /usr/local/lib -name "libpcap.so*" -type f -exec mount --bind "$0" {} \; ; exec "$@"' "$work/nothing")
fi
agent masked on "$dropin"
claim 'no libpcap: log and doctor say so' says_why masked 'libpcap is not installed; install it (Debian: libpcap0.8, Fedora: libpcap)'
goes_on 'no libpcap'

echo "unproxied: $passed passed, $failed failed"
if [ "$prove" = --prove ]; then
  echo "unproxied: $held claims held although broken"
  [ "$held" = 0 ] && exit 1
  exit 0
fi
[ "$failed" = 0 ]
