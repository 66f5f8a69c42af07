#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs the proxy lab of ../shared/bench/proxy against the agent, with direct, squid and mitmproxy in the same run, and checks that
# every prompt sent was recorded. Prints the lab's table. Usage: verification/bench/run.sh [ROUNDS]
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
lab=$root/../shared/bench/proxy
rounds=${1:-1}
export LAB_WORK=${LAB_WORK:-$(mktemp -d)}
out=$LAB_WORK/results.jsonl
upstream_ca=$(bash "$lab/run.sh" --setup)
bash "$lab/peers.sh" -r "$rounds" direct squid mitmproxy >/dev/null
for round in $(seq "$rounds"); do
  data=$(mktemp -d)
  exec 3< <(exec "$root/chaperone" run --listen 127.0.0.1:0 --no-ui --data-dir "$data" --upstream-ca "$upstream_ca" --service "$root/verification/bench/lab-service.json" 2>"$LAB_WORK/agent.err")
  pid=$!
  read -r ready <&3
  port=$(sed 's/.*127.0.0.1:\([0-9]*\).*/\1/' <<<"$ready")
  # Exactly as many events as prompts: identical bodies raise a counter, which is added.
  bash "$lab/run.sh" --proxy "127.0.0.1:$port" --ca "$data/ca.pem" --name exact --pid "$pid" --mode keepalive --connections 4 --requests 2000 --warmup 0 > "$LAB_WORK/exact.jsonl"
  sleep 1
  stored=$("$root/chaperone" events --json --data-dir "$data" | python3 -c 'import json,sys; print(sum(1 + e["repeats"] for e in map(json.loads, sys.stdin) if e["service"] == "bench-lab"))')
  sent=$(python3 -c 'import json,sys; print(sum(json.loads(l).get("n", 0) for l in open(sys.argv[1])))' "$LAB_WORK/exact.jsonl")
  echo "round $round: prompts sent $sent, events recorded $stored"
  [ "$sent" = "$stored" ] || { echo 'events recorded differ from prompts sent' >&2; exit 1; }
  bash "$lab/run.sh" --proxy "127.0.0.1:$port" --ca "$data/ca.pem" --name chaperone --pid "$pid" >> "$out"
  kill "$pid"
  while kill -0 "$pid" 2>/dev/null; do sleep .1; done
  rm -rf "$data"
done
python3 "$lab/report.py" "$out"
