#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Types every command of docs/first-hour.md, or of the document given, in one scratch folder and holds what it prints against the
# document. Server, agent and stand-in AI service are real processes on loopback; nothing goes to a network.
# Ends with 1, naming the line, when a command's status or output is not as the document says, and when no command ran.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(cd "$here/../.." && pwd)
document=${1:-$ROOT/docs/first-hour.md}
for tool in python3 curl Xvfb; do
  command -v "$tool" >/dev/null || { echo "first hour: $tool is missing" >&2; exit 1; }
done
"$ROOT/chaperone" --version >/dev/null || exit 1 # builds when a source is newer
# The functions that the clients' scripts share; the rest of that file starts a world of its own.
eval "$(sed -n '/^await() {/,/^}/p; /^java_home() {/,/^}/p' "$here/clients/lib.sh")"

WORK=$(mktemp -d "${TMPDIR:-/tmp}/first-hour.XXXXXX")
pids=()
finish() {
  local pid
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null; done
  wait 2>/dev/null
  rm -rf "$WORK"
}
trap finish EXIT

mkdir -p "$WORK/bin" "$WORK/stand-in" "$WORK/folder" "$WORK/data"
"$(java_home)/bin/java" --enable-native-access=ALL-UNNAMED -XX:TieredStopAtLevel=1 -cp "$ROOT/agent-core/target/lib/*" \
  dev.chaperone.agent.demo.StandIn "$WORK/stand-in" >"$WORK/stand-in.out" 2>&1 &
pids+=($!)
await "$WORK/stand-in.out" '^stand-in: ready on ' $! || exit 1
Xvfb -displayfd 3 -screen 0 1280x900x24 -nolisten tcp 3>"$WORK/display" >/dev/null 2>&1 &
pids+=($!)
await "$WORK/display" '[0-9]' $! || exit 1

export CHECKOUT=$ROOT XDG_DATA_HOME=$WORK/data OPENAI_API_KEY=none PATH=$WORK/bin:$PATH
unset XDG_RUNTIME_DIR XDG_CONFIG_HOME DBUS_SESSION_BUS_ADDRESS WAYLAND_DISPLAY HTTPS_PROXY https_proxy
STAND_IN_PORT=$(sed -n 's/^stand-in: ready on //p' "$WORK/stand-in.out") DISPLAY=:$(cat "$WORK/display") \
  python3 "$here/first-hour.py" "$document" "$WORK"
