#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Trains the image's AOT caches by what the programs really do: the service inspects the demonstration's prompts between a real
# client and a stand-in, the user interface shows its screens. Usage: train.sh JDK ROOT IMAGE WORK
set -euo pipefail
jdk=$1 root=$2 image=$3 work=$4
mkdir -p "$work/stand-in" "$work/data"
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true' EXIT
fail() { echo "train: $1" >&2; for e in "$work"/*.err; do tail -n 5 "$e" >&2; done; exit 1; }
await() { for _ in $(seq 300); do grep -q "$2" "$1" 2>/dev/null && return 0; sleep 0.2; done; return 1; }

"$jdk/bin/java" -cp "$root/agent-core/target/lib/*" dev.chaperone.agent.demo.StandIn "$work/stand-in" >"$work/stand-in.out" 2>"$work/stand-in.err" &
pids+=($!)
await "$work/stand-in.out" '[0-9]' || fail 'the stand-in did not start'
port=$(grep -o '[0-9]*$' "$work/stand-in.out" | head -1)
hosts=(chatgpt.com api.openai.com api.anthropic.com)
connect=()
for host in "${hosts[@]}"; do connect+=(--connect-to "$host:443:127.0.0.1:$port"); done

JDK_JAVA_OPTIONS='' JAVA_TOOL_OPTIONS="-XX:AOTCacheOutput=$image/lib/app/chaperone.aot" "$image/bin/chaperone" run --no-ui --listen 127.0.0.1:0 --data-dir "$work/data" \
  --upstream-ca "$work/stand-in/ca.pem" "${connect[@]}" >"$work/agent.out" 2>"$work/agent.err" &
agent=$!
pids+=($agent)
await "$work/agent.out" 'ready on' || fail 'the agent did not start'
proxy=$(sed -n 's/.*ready on 127.0.0.1:\([0-9]*\) .*/\1/p' "$work/agent.out")
seq 1 16 | timeout 60 "$jdk/bin/java" -cp "$root/agent-core/target/lib/*" dev.chaperone.agent.demo.DemoClient "$proxy" 1 "$work/data/ca.pem" "$work/stand-in/ca.pem" >"$work/client.out" 2>"$work/client.err" || true
[ -s "$work/client.out" ] || fail 'the client got no answer'
# Long enough for the background work that follows a start.
sleep 3
kill "$agent"
wait "$agent" || fail "the agent ended $?"
[ -s "$image/lib/app/chaperone.aot" ] || fail 'no cache of the service'

Xvfb -displayfd 3 -screen 0 1280x800x24 -nolisten tcp 3>"$work/display" >"$work/xvfb.err" 2>&1 &
pids+=($!)
await "$work/display" '[0-9]' || fail 'Xvfb did not start'
DISPLAY=:$(cat "$work/display") JAVA_TOOL_OPTIONS="-XX:AOTCacheOutput=$image/lib/app/chaperone-ui.aot" "$image/bin/chaperone-ui" --demo --person redact >"$work/ui.out" 2>"$work/ui.err" &
ui=$!
pids+=($ui)
await "$work/ui.out" ready || fail 'the user interface did not start'
sleep 12
kill "$ui"
wait "$ui" || true
[ -s "$image/lib/app/chaperone-ui.aot" ] || fail 'no cache of the user interface'
