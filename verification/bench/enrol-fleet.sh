#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A fleet enrols with one group token against a real server: how long, at what cost, and is each device counted once? Fails when one is
# missing, counted twice, or it takes longer than LIMIT seconds. Usage: verification/bench/enrol-fleet.sh [DEVICES [AT_A_TIME [LIMIT]]]
# TOKEN_USES=1999 makes it fail.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
devices=${1:-2000} at_a_time=${2:-64} limit=${3:-300}
java=${JAVA_HOME:?set JAVA_HOME to a JDK 25}/bin/java
"$root/chaperone" --version >/dev/null # builds when a source is newer
work=$(mktemp -d)
server=
clean() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap clean EXIT
"$root/chaperone" server --data-dir "$work/server" --listen 127.0.0.1:0 --agents-listen 127.0.0.1:0 --group fleet --token-uses "${TOKEN_USES:-$devices}" \
  >"$work/server.out" 2>"$work/server.err" &
server=$!
for _ in $(seq 300); do grep -q 'enrolment token' "$work/server.out" 2>/dev/null && break; sleep .1; done
token=$(sed -n 's/^enrolment token: //p' "$work/server.out")
[ -n "$token" ] || { cat "$work/server.err" >&2; exit 3; }
cpu() { awk -v hz="$(getconf CLK_TCK)" '{sub(/.*\) /, ""); printf "%.1f", ($12 + $13) / hz}' "/proc/$server/stat"; }
before=$(cpu) started=$(date +%s)
status=0
"$java" -Xmx512m -cp "$root/agent-core/target/lib/*" "$root/verification/bench/EnrolFleet.java" "$token" "$devices" "$at_a_time" || status=$?
took=$(($(date +%s) - started))
echo "server: $(awk -v a="$(cpu)" -v b="$before" 'BEGIN {printf "%.1f", a - b}') CPU s, $(awk '/VmRSS/ {printf "%d", $2 / 1024}' "/proc/$server/status") MB; all of it took $took s"
"$root/chaperone" admin devices --data-dir "$work/server" >"$work/devices"
counted=$(grep -c ' fleet ' "$work/devices" || true)
distinct=$(cut -d' ' -f1 "$work/devices" | sort -u | wc -l)
echo "the server counts $counted devices in the group, $distinct different ones"
[ "$status" = 0 ] && [ "$counted" = "$devices" ] && [ "$distinct" = "$devices" ] && [ "$took" -le "$limit" ]
