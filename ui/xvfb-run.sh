#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Real windows on Xvfb under openbox: a card appears while another window has the keyboard, does not take it, ignores what is typed there,
# and is answered by a click. The agent's end is a few lines of Python. Needs: xvfb-run openbox xdotool xwininfo python3. Ends 0 when it holds.
# With UI_PROGRAM, that program (bin/chaperone-ui of an image) instead of the build's classes; it must have its trained cache mapped then.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
if [ "${1:-}" != inside ]; then
  exec timeout 90 xvfb-run -a -s '-screen 0 1600x1000x24' "${BASH_SOURCE[0]}" inside
fi
if [ -n "${UI_PROGRAM:-}" ]; then
  program=("$UI_PROGRAM")
else
  program=("${JAVA_HOME:?set JAVA_HOME to a JDK 25}/bin/java" "@$here/src/main/jvm/flags" -cp "$here/target/lib/*" dev.chaperone.ui.launcher.UiMain)
fi
work=$(mktemp -d)
pids=()
clean() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  rm -rf "$work"
}
trap clean EXIT
fail() {
  echo "xvfb-run: $1" >&2
  cat "$work"/*.log >&2 || true
  if [ -n "${KEEP_SCREEN:-}" ]; then import -window root "$KEEP_SCREEN" || true; fi
  exit 1
}
within() { # SECONDS WHAT COMMAND…: waits for a condition
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || fail "not within time: $what"
    sleep 0.1
  done
}
ui() { # LOG ARGUMENT…
  local log=$1
  shift
  "${program[@]}" --no-tray --language en --theme light "$@" >"$work/$log" 2>&1 &
  pids+=($!)
}

openbox >/dev/null 2>&1 &
pids+=($!)

# The agent: answers subscribe and pending, asks when a file "ask-…" is there, writes down what is answered.
python3 - "$work" >"$work/agent.log" 2>&1 <<'PY' &
import datetime, json, os, socket, sys, threading, time
work = sys.argv[1]
listener = socket.socket(socket.AF_UNIX)
listener.bind(work + "/agent.sock")
listener.listen(1)
link, _ = listener.accept()
def send(message):
    link.sendall((json.dumps({"jsonrpc": "2.0", **message}) + "\n").encode())
def ask(name, last):
    while not os.path.exists(work + "/" + name):
        time.sleep(0.02)
    now = datetime.datetime.now(datetime.timezone.utc)
    until = now + datetime.timedelta(minutes=2)
    send({"method": "coach", "params": {
        "id": "019aa000-0000-7000-8000-0000000000" + last, "uid": os.getuid(), "service": "chatgpt", "app": "curl", "rule": "r", "message": "A card was found.",
        "coaching": "", "card": None, "passages": [{"segment": 0, "origin": "USER", "offset": 0, "text": "pay with CARD now", "whole": True}],
        "marks": [{"number": 1, "type": "CREDIT_CARD", "segment": 0, "span": {"start": 9, "end": 13}, "masked": "C…D", "placeholder": "[CREDIT_CARD-1]", "required": False}],
        "unlisted": 0, "redactable": True, "asked": now.isoformat(), "until": until.isoformat(), "onTimeout": "REDACT", "state": "HELD"}})
threading.Thread(target=lambda: [ask("ask-" + last, last) for last in ("c3", "c4", "c5", "c6")], daemon=True).start()
for line in link.makefile():
    request = json.loads(line)
    if request["method"] == "answer":
        open(work + "/answered", "w").write(json.dumps(request["params"]["choice"]))
    send({"id": request["id"], "result": [] if request["method"] == "pending" else {"id": request["params"].get("id"), "held": True}})
PY
pids+=($!)
within 10 'the agent listens' test -S "$work/agent.sock"

# Another program's window, which the person types into.
ui other.log --socket "$work/elsewhere.sock" --show status
within 20 'the other window' xdotool search --onlyvisible --name '^Chaperone$'
other=$(xdotool search --onlyvisible --name '^Chaperone$' | head -1)
xdotool windowactivate "$other" # openbox may be a moment behind
within 10 'the other window has the keyboard' bash -c "[ \"\$(xdotool getwindowfocus)\" = $other ]"

ui card.log --socket "$work/agent.sock"
within 20 'the interface is ready' grep -q 'chaperone-ui: ready' "$work/card.log"
[ -z "${UI_PROGRAM:-}" ] || grep -q 'chaperone-ui\.aot' "/proc/${pids[-1]}/maps" || fail 'the trained cache is not mapped'
touch "$work/ask-c3"
within 20 'the card says it was shown' grep -q 'card 019aa000-0000-7000-8000-0000000000c3 shown after' "$work/card.log"
card=$(xdotool search --onlyvisible --name 'before this is sent' | head -1)
[ -n "$card" ] || fail 'no card on the screen'
xwininfo -id "$card" | grep -q IsViewable || fail 'the card cannot be seen'
looks=0
while [ $looks -lt 15 ]; do # 1.5 s: longer than the card may not be focused at all
  [ "$(xdotool getwindowfocus)" = "$other" ] || fail 'the card took the keyboard'
  looks=$((looks + 1))
  sleep 0.1
done
xdotool key Return space
[ ! -e "$work/answered" ] || fail 'what was typed elsewhere answered the card'

if [ -n "${KEEP_SCREEN:-}" ]; then import -window root "$KEEP_SCREEN"; fi
gone() { ! xwininfo -id "$card" | grep -q IsViewable; }
answer() { # clicks the safe button: first, bottom left
  rm -f "$work/answered"
  local height
  height=$(xwininfo -id "$card" | sed -n 's/^ *Height: \(.*\)$/\1/p')
  xdotool mousemove --window "$card" 80 $((height - 36)) click 1
  within 10 'the click answers' test -s "$work/answered"
  grep -q '"do": "redact"' "$work/answered" || fail "the click said $(cat "$work/answered")"
  within 10 'the card goes' gone
}
answer
fastest=999999 # of three: the machine may be busy with something else
for last in c4 c5 c6; do
  touch "$work/ask-$last"
  within 10 'the next card says it was shown' grep -q "00000000$last shown after" "$work/card.log"
  card=$(xdotool search --onlyvisible --name 'before this is sent' | head -1)
  warm=$(sed -n "s/.*00000000$last shown after \([0-9]*\) ms/\1/p" "$work/card.log")
  [ "$warm" -ge "$fastest" ] || fastest=$warm
  sleep 0.8 # clicks on a new card do not count at first
  answer
done
grep 'shown after' "$work/card.log"
grep VmRSS "/proc/${pids[-1]}/status"
echo "the fastest of three warm cards: $fastest ms (asked: 150)" # a figure, not a test: machines are shared
echo 'xvfb-run: the card was shown, left the keyboard alone and was answered by a click'
