#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Durable before the answer: runs the built server under strace and sees, for each of 20 writes over REST, that the database's log was flushed
# to the disk before the answer came; and that reading flushes nothing. Needs strace, curl and a build (./chaperone server --help makes one).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
for tool in strace curl; do command -v "$tool" >/dev/null || { echo "$tool is missing: install it" >&2; exit 3; }; done
[ -d server/target/lib ] || { echo 'not built: run ./chaperone server --help first' >&2; exit 3; }
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
work=$(mktemp -d)
tracer=
cleanup() {
  if [ -n "$tracer" ]; then
    kill $(pgrep -P "$tracer") 2>/dev/null || true # the server; strace ends with it
    wait "$tracer" 2>/dev/null || true
  fi
  rm -rf "$work"
}
trap cleanup EXIT

strace -f -qq -y -e trace=fsync,fdatasync -o "$work/trace" "$java" @server/src/main/jvm/flags -cp 'server/target/lib/*' dev.chaperone.server.ServerMain \
  server --data-dir "$work/data" --listen 127.0.0.1:0 --agents-listen 127.0.0.1:0 >"$work/out" 2>"$work/err" &
tracer=$!
deadline=$((SECONDS + 60))
until grep -q '^enrolment token' "$work/out"; do
  kill -0 "$tracer" 2>/dev/null && [ $SECONDS -lt $deadline ] || { echo 'the server did not start:' >&2; cat "$work/err" >&2; exit 3; }
  sleep 0.1
done
console=$(sed -n 's/^chaperone-server: ready on \(https:[^ ]*\).*/\1/p' "$work/out")
flushes() { grep -c 'sync([0-9]*<[^>]*/server\.db-wal>' "$work/trace" || true; }
ask() { # PATH [BODY]: an administrator's request
  curl -sS --fail --max-time 20 --cacert "$work/data/ca.pem" -H "authorization: Bearer $(cat "$work/data/admin.token")" ${2:+-d "$2"} "$console$1" >/dev/null
}

for i in $(seq 20); do
  before=$(flushes)
  ask /api/v1/tokens '{"uses":1,"hours":1}'
  after=$(flushes)
  [ "$after" -gt "$before" ] || { echo "write $i was answered without a flush of the log" >&2; exit 1; }
done
before=$(flushes)
for i in $(seq 20); do ask /openapi.yaml; done
[ "$(flushes)" = "$before" ] || { echo 'reading flushed the log: the count above proves nothing' >&2; exit 1; }
echo "fsync: each of 20 writes was flushed before its answer ($before flushes of server.db-wal), 20 reads flushed nothing"
