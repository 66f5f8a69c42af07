#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The agent on networks as companies and laptops have them, in namespaces of its own: squid as the only way out, addresses and routes that
# change while it runs (a VPN), a captive portal, names that fail and come back. The real agent, real curl, real squid. Needs root, ip,
# squid, curl, openssl, python3; about 1 minute. `--prove`: each section with the product broken where it matters; each must fail. Then the
# status is 1; a section that holds all the same is named, with status 70. About 2 minutes.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
prove=${1:-}
for tool in ip curl openssl python3 squid; do command -v $tool >/dev/null || { echo "$tool is missing" >&2; exit 3; }; done
peer=$root/verification/journeys/network-peer.py
desk=chp-d-$$ middle=chp-m-$$ world=chp-w-$$
ip netns add "$desk" 2>/dev/null || { echo 'NOT RUN: no network namespace can be made here'; exit 3; }
"$root/chaperone" --version >/dev/null # builds when a source is newer
work=$(mktemp -d)
chmod 755 "$work"
pids=() passed=0 failed=0 section='' before=0 held=() whole=
clean() {
  local status=$? pid
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  for pid in "$desk" "$middle" "$world"; do ip netns del "$pid" 2>/dev/null || true; done
  rm -rf "/etc/netns/$desk"
  if [ -n "${KEEP:-}" ]; then echo "kept: $work"; else rm -rf "$work"; fi
  if [ "$status" = 1 ] && [ -z "$whole" ]; then # set -e: that is no failed check, and proves nothing
    echo 'network: it broke off' >&2
    exit 70
  fi
}
trap clean EXIT
section() { # NAME: what is checked from here on
  [ -z "$section" ] || [ "$failed" -gt "$before" ] || held+=("$section")
  section=$1 before=$failed
  [ -z "$1" ] || echo "== $1"
}
check() { # WHAT COMMAND …
  local what=$1
  shift
  if "$@" >"$work/check" 2>&1; then
    passed=$((passed + 1)) && echo "ok    $what"
  else
    failed=$((failed + 1)) && echo "FAIL  $what"
    sed 's/^/      /' "$work/check" | tail -5 | awk 1 # with the last line's end
  fi
}
not() { ! "$@"; }
await() { # SECONDS COMMAND …
  local until=$((SECONDS + $1))
  shift
  while [ $SECONDS -lt $until ]; do "$@" >/dev/null 2>&1 && return 0; sleep 0.1; done
  return 1
}
at() { ip netns exec "$@"; }
link() { # NAME SPACE ADDRESS PEER-SPACE PEER-ADDRESS
  ip link add "$1a$$" netns "$2" type veth peer name "$1b$$" netns "$4"
  ip -n "$2" addr add "$3/24" dev "$1a$$" && ip -n "$2" link set "$1a$$" up
  ip -n "$4" addr add "$5/24" dev "$1b$$" && ip -n "$4" link set "$1b$$" up
}

ip netns add "$middle"
ip netns add "$world"
for space in "$desk" "$middle" "$world"; do ip -n "$space" link set lo up; done
link c "$desk" 10.98.1.1 "$middle" 10.98.1.2 # the company's network: the proxy is all there is
link m "$middle" 10.98.2.1 "$world" 10.98.2.2
ip -n "$world" addr add 10.98.9.9/32 dev lo # the service
ip -n "$world" addr add 10.98.9.8/32 dev lo # its other address
ip -n "$world" addr add 10.98.9.1/32 dev lo # names
ip -n "$middle" route add 10.98.9.0/24 via 10.98.2.2
mkdir -p "/etc/netns/$desk" # ip-netns(8): bound over /etc for what runs in the namespace
echo 'nameserver 10.98.9.1
options timeout:1 attempts:1' >"/etc/netns/$desk/resolv.conf"
echo '127.0.0.1 localhost' >"/etc/netns/$desk/hosts"
echo 'hosts: files dns' >"/etc/netns/$desk/nsswitch.conf"

ca() { # NAME: a certificate for the service
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=$1" \
    -addext 'subjectAltName=DNS:api.openai.com' -keyout "$work/$1.key" -out "$work/$1.pem" 2>/dev/null
}
ca service
ca portal
serve() { # ADDRESS CERTIFICATE: sets $served
  ip netns exec "$world" python3 "$peer" serve "$1" "$work/$2.pem" "$work/$2.key" "$work/arrived" 2>>"$work/world.err" &
  served=$!
  pids+=("$served")
}
serve 10.98.9.9 service
printf '%s\n' 'api.openai.com 10.98.9.9' '* 10.98.9.9' >"$work/names"
ip netns exec "$world" python3 "$peer" names 10.98.9.1 "$work/names" 2>>"$work/world.err" &
pids+=($!)

mkdir -m 777 "$work/squid"
cat >"$work/squid.conf" <<CONF
http_port 10.98.1.2:3128
acl SSL_ports port 443 8443 8444
acl CONNECT method CONNECT
http_access deny CONNECT !SSL_ports
http_access allow all
dns_nameservers 10.98.9.1
cache deny all
access_log stdio:$work/squid/access.log
cache_log $work/squid/cache.log
pid_filename $work/squid/squid.pid
coredump_dir $work/squid
shutdown_lifetime 1 seconds
pinger_enable off
max_filedescriptors 1024
CONF
ip netns exec "$middle" squid -N -f "$work/squid.conf" >"$work/squid.out" 2>&1 &
pids+=($!)
await 20 at "$desk" curl -s -o /dev/null --noproxy '' http://10.98.1.2:3128/ || { cat "$work/squid.out" "$work/squid/cache.log" >&2; exit 3; }

agent() { # NAME CONFIG-LINE…: sets $pid, $data, $proxy, $jvm
  data=$work/$1
  mkdir -p -m 700 "$data"
  printf '%s\n' 'listen: 127.0.0.1:0' 'connect-timeout: 3s' "${@:2}" >"$work/$1.yaml"
  # A function in the background would be a shell of its own, whose process is not the agent.
  ip netns exec "$desk" env HOME="$data" XDG_RUNTIME_DIR="$data" "${broken[@]}" "$root/chaperone" run --no-ui --config "$work/$1.yaml" --data-dir "$data" \
    --upstream-ca "$work/service.pem" "${trusted[@]}" >"$work/$1.out" 2>"$work/$1.err" &
  pid=$!
  pids+=("$pid")
  await 40 grep -q 'ready on' "$work/$1.out" || { cat "$work/$1.err" >&2; exit 3; }
  jvm=$(readlink "/proc/$pid/exe")
  proxy=$(sed 's/.*ready on \([^ ]*\) .*/\1/' "$work/$1.out")
}
stop() { kill "$pid"; wait "$pid" 2>/dev/null || true; }
doctor() { at "$desk" "$root/chaperone" doctor --data-dir "$data" || true; }
key=sk-proj-$(head -c 60 /dev/urandom | base64 | tr -dc A-Za-z0-9 | head -c 48)
ask() { # [PATH]: a prompt that holds a key, by the agent
  at "$desk" curl -s --max-time 12 --cacert "$data/ca.pem" -x "http://$proxy" "https://api.openai.com${1:-/v1/chat/completions}" \
    -H 'content-type: application/json' -d "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"deploy with $key now\"}]}"
}
answered() { [ "$(ask)" = '{}' ]; }
says() { ask | tee "$work/said" | grep -q "$1" || { cat "$work/said"; return 1; }; }
redacted() { grep -q 'deploy with' "$work/arrived" && ! grep -qF "$key" "$work/arrived"; }
trusted=() broken=(env)
forgetful() { # from here on: an agent that leaves names to the JVM's defaults, 30 s and 10 s for a failure
  [ "$prove" = --prove ] || return 0
  mkdir -p "$work/broken"
  printf '%s\n' 'package dev.chaperone.agent;' 'public final class NameCaching { public static void brief() {} }' >"$work/broken/NameCaching.java"
  "$(dirname "$jvm")/javac" -d "$work/broken" "$work/broken/NameCaching.java"
  broken=(env "JAVA_TOOL_OPTIONS=-Xbootclasspath/a:$work/broken") # found before the product's own
}
way='upstream-proxy: http://10.98.1.2:3128'
[ "$prove" = --prove ] && way='upstream-proxy: none'

section 'the only way out is a proxy'
check 'without it nothing leaves' not at "$desk" curl -sk --max-time 3 --resolve api.openai.com:443:10.98.9.9 https://api.openai.com/
agent company "$way"
check 'a prompt is answered' answered
check 'the key was redacted before it left' redacted
check 'squid saw CONNECT' grep -q 'CONNECT api.openai.com:443' "$work/squid/access.log"
check 'a host that is not opened leaves by it too' at "$desk" curl -s --max-time 8 -o /dev/null -k -x "http://$proxy" https://bank.test/
check 'plain HTTP leaves by it' grep -q 'squid' <(at "$desk" curl -s -i --max-time 8 -x "http://$proxy" http://nowhere.test/)
check 'doctor says that it works' grep -q 'leave by 10.98.1.2:3128' <(doctor)
stop
ip netns exec "$world" "$root/chaperone" server --data-dir "$work/server" --listen 10.98.9.9:8443 --agents-listen 10.98.9.9:8444 \
  --public-host chaperone.test >"$work/server.out" 2>"$work/server.err" &
server=$!
pids+=("$server")
await 40 grep -q 'chp1\.' "$work/server.out" || { cat "$work/server.err" >&2; exit 3; }
token=$(grep -o 'chp1\.[^ ]*' "$work/server.out" | head -1)
check 'a device enrols by it' at "$desk" "$root/chaperone" enroll "$token" --config "$work/company.yaml" --data-dir "$work/enrolled"
agent enrolled "$way"
synced() { doctor | grep -q 'asked for last at'; }
check 'and syncs by it' await 20 synced
stop # squid writes its line when a connection ends
both() { grep -q 'CONNECT chaperone.test:8443' "$work/squid/access.log" && grep -q 'CONNECT chaperone.test:8444' "$work/squid/access.log"; }
check 'squid saw both' await 5 both
kill "$server" && wait "$server" 2>/dev/null || true
printf '%s\n' 'function FindProxyForURL(url, host) { return "PROXY 10.98.1.2:3128"; }' >"$work/company.pac"
agent pac "chained-pac: $work/company.pac"
check 'a PAC that names a proxy, and none set: doctor says what to set' grep -q 'upstream-proxy: http://10.98.1.2:3128' <(doctor)
stop
printf '%s\n' 'listen: 127.0.0.1:8421' 'upstream-proxy: http://localhost:8421' >"$work/loop.yaml"
loop() { [ "$(at "$desk" "$root/chaperone" run --no-ui --config "$work/loop.yaml" --data-dir "$work/loop" 2>&1 | grep -c 'is this agent itself')" = 1 ]; }
check 'a proxy that is the agent is refused' loop

section 'another network while it runs'
link v "$desk" 10.98.3.1 "$world" 10.98.3.2
link w "$desk" 10.98.4.1 "$world" 10.98.4.2
ip -n "$desk" route add default via 10.98.3.2
forgetful
agent roaming
check 'by the first network' answered
ask /v1/slow >"$work/slow" 2>&1 &
slow=$!
await 5 grep -q . "$work/slow" || sleep 1
ip -n "$desk" route del default
ip -n "$desk" addr del 10.98.3.1/24 dev "va$$"
echo 'api.openai.com 10.98.9.8' >"$work/names"
serve 10.98.9.8 service
ip -n "$desk" route add default via 10.98.4.2
ip -n "$world" addr del 10.98.9.9/32 dev lo
check 'by the second, at another address, without a restart' await 8 answered
ended() { wait "$slow"; [ $? -ne 0 ]; }
check 'what was open does not end as if it were whole' ended
check 'and the agent lives' kill -0 "$pid"
stop
broken=(env)

section 'a captive portal'
[ "$prove" = --prove ] && trusted=(--upstream-ca "$work/portal.pem")
agent portal
trusted=()
check 'before it, a prompt is answered' answered
kill "$served" && wait "$served" 2>/dev/null || true
serve 10.98.9.8 portal
portal=$served
await 5 at "$desk" curl -sk --max-time 2 --resolve api.openai.com:443:10.98.9.8 https://api.openai.com/ || true
check 'its certificate is refused, and named' says 'CHP-UP-002'
: >"$work/arrived"
says 'CHP-UP-002' || true
check 'and it got nothing' not test -s "$work/arrived"
kill "$portal" && wait "$portal" 2>/dev/null || true
serve 10.98.9.8 service
check 'it is gone, and all works at once' await 3 answered
stop

section 'names that fail'
: >"$work/names"
forgetful
agent lookups
check 'a name that is unknown is an error that says so' says 'CHP-UP-001'
echo 'api.openai.com 10.98.9.8' >"$work/names"
check 'and works with the first request after it is back' answered
await 15 answered || true # the broken agent's failure is over: what it found is what is looked at now
: >"$work/names"
sleep 6 # what was found is kept for 5 s
check 'and is an error again when it is gone' says 'CHP-UP-001'
stop
section ''
whole=1
echo "network: $passed passed, $failed failed"
if [ "$prove" = --prove ] && [ ${#held[@]} -gt 0 ]; then
  printf 'held although the product was broken: %s\n' "${held[@]}" >&2
  exit 70
fi
[ "$failed" = 0 ]
