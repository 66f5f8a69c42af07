#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# One enrolled agent, its server and its user interface under a steady load of new messages: is memory flat, does every event arrive once?
# Prints a line every 30 s and the verdict. Usage: verification/bench/soak.sh [SECONDS [MESSAGES_A_SECOND]]; 600 and 200 unless given.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
seconds=${1:-600} rate=${2:-200}
java=${JAVA_HOME:?set JAVA_HOME to a JDK 25}/bin/java
"$root/chaperone" --version >/dev/null # builds when a source is newer
work=$(mktemp -d)
pids=()
clean() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap clean EXIT
ready() { # FILE TEXT
  for _ in $(seq 300); do grep -q "$2" "$1" 2>/dev/null && return 0; sleep .1; done
  echo "not ready: $1" >&2; cat "$work"/*.err >&2; exit 3
}
rss() { awk '/VmRSS/ {printf "%d", $2 / 1024}' "/proc/$1/status"; }

mkdir "$work/stand-in"
"$java" -Xmx96m -XX:+UseSerialGC -cp "$root/agent-core/target/lib/*" dev.chaperone.agent.demo.StandIn "$work/stand-in" >"$work/stand-in.out" 2>"$work/stand-in.err" &
pids+=($!)
ready "$work/stand-in.out" 'stand-in: ready on'
upstream=$(sed 's/.* //' "$work/stand-in.out")
"$root/chaperone" server --data-dir "$work/server" --listen 127.0.0.1:0 --agents-listen 127.0.0.1:0 --minimum-group 1 >"$work/server.out" 2>"$work/server.err" &
server=$!; pids+=($server)
ready "$work/server.out" 'enrolment token'
"$root/chaperone" enroll --data-dir "$work/agent" "$(sed -n 's/^enrolment token: //p' "$work/server.out")" >/dev/null
"$root/chaperone" run --no-ui --listen 127.0.0.1:0 --data-dir "$work/agent" --connect-to ":443:127.0.0.1:$upstream" --upstream-ca "$work/stand-in/ca.pem" >"$work/agent.out" 2>"$work/agent.err" &
agent=$!; pids+=($agent)
ready "$work/agent.out" 'chaperone: ready on'
"$java" "@$root/ui/src/main/jvm/flags" -Dglass.platform=Headless -Dprism.order=sw -cp "$root/ui/target/lib/*" dev.chaperone.ui.launcher.UiMain --no-tray --socket "$work/agent/agent.sock" >"$work/ui.out" 2>"$work/ui.err" &
ui=$!; pids+=($ui)
ready "$work/ui.out" 'chaperone-ui: ready'
port=$(sed 's/.*127.0.0.1:\([0-9]*\).*/\1/' "$work/agent.out")

python3 - "$port" "$work/agent/ca.pem" "$seconds" "$rate" >"$work/client.out" 2>"$work/client.err" <<'PY' &
import http.client, json, ssl, sys, threading, time
port, ca, seconds, rate = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
threads, sent, failed = 4, [0] * 4, [0] * 4
context = ssl.create_default_context(cafile=ca)
start = time.monotonic()
def run(me):
    link = None
    n = 0
    while time.monotonic() - start < seconds:
        due = start + n * threads / rate
        time.sleep(max(0, due - time.monotonic()))
        body = json.dumps({"model": "m", "messages": [{"role": "user", "content": f"Question {me}-{n}: how do tides work at place {n * 7919}?"}]})
        try:
            if link is None:
                link = http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=20)
                link.set_tunnel("api.openai.com", 443)
            link.request("POST", "/v1/chat/completions", body, {"content-type": "application/json"})
            answer = link.getresponse()
            answer.read()
            sent[me] += answer.status == 200
            failed[me] += answer.status != 200
        except OSError:
            failed[me] += 1
            link = None
        n += 1
workers = [threading.Thread(target=run, args=(i,)) for i in range(threads)]
for w in workers: w.start()
for w in workers: w.join()
print(sum(sent), sum(failed))
PY
client=$!
echo "seconds  agent  server  ui   (RSS, MB)"
first=
for ((t = 0; t < seconds; t += 30)); do
  sleep 30
  line="$(rss $agent) $(rss $server) $(rss $ui)"
  printf '%7d  %5d  %6d  %3d\n' $((t + 30)) $line
  [ $((t + 30)) -ge 120 ] && [ -z "$first" ] && first=$line
  last=$line
done
wait $client
read -r sent failed <"$work/client.out"
stored=0
for _ in $(seq 120); do
  stored=$(python3 -c 'import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); print(c.execute("select count(*) from event").fetchone()[0])' "$work/server/server.db")
  [ "$stored" -ge "$sent" ] && break
  sleep .5
done
echo "$sent messages answered, $failed failed; $stored events on the server; agent, server, ui: ${first:-$last} MB after two minutes, $last MB at the end"
[ "$failed" = 0 ] && [ "$stored" = "$sent" ]
