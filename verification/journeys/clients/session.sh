#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Sessions of an agent: six turns with a key in the second turn's tool result. The session goes on, the key stays here, and every
# request resends the turns before it with the same bytes, so that the service's prompt cache still hits.
. "$(dirname "$0")/lib.sh"

# session NAME: `run MARKER FILE …` makes the agent read the files one after the other.
session() {
  local name=$1 marker key from out problems='' files=()
  private_home "$name"
  marker=$(random_from a-z 12)
  key=$(made_up_key)
  for n in 1 2 3 4 5; do
    files+=("$HOME/work/part-$n.txt")
    echo "part $n of the notes on $marker" >"$HOME/work/part-$n.txt"
  done
  echo "aws_access_key_id = $key" >>"$HOME/work/part-2.txt"
  from=$(log_mark)
  out=$(run "$marker" "${files[@]}" 2>&1 </dev/null)
  case $out in *"$ANSWER"*) ;; *) problems='the session did not end with the answer; ' ;; esac
  problems=$problems$($CHECK_TURNS "$from" "$marker")
  problems=$problems$(oracle redacted "$from" "$marker" "$key" '[SECRET-1]')
  check_guard "$name of six turns, a key in the second" "$problems" 'no placeholder' 'the value arrived'
}

export CLIENTS_NPM

# Where the client resends everything, each request must hold the turns of the one before it; where the service keeps the history,
# each message only has to come.
CHECK_TURNS=six_resent
six_resent() { oracle stable "$1" "$2" 6; }
six_messages() { oracle messages "$1" 6; }

run() { timeout 60 "$NODE" "$CLIENTS/node-session.mjs" "$@"; }
session anthropic-sdk-session

run() {
  local marker=$1
  shift
  ANTHROPIC_API_KEY=made-up-key timeout 120 "$CLIENTS_NPM/node_modules/.bin/claude" -p "About $marker: [[read $*]]" \
    --model claude-sonnet-4-5 --allowedTools Read
}
session claude-session

CHECK_TURNS=six_messages
run() {
  local marker=$1
  shift
  CODEX_API_KEY=made-up-key timeout 120 "$CLIENTS_NPM/node_modules/.bin/codex" exec --skip-git-repo-check \
    --dangerously-bypass-approvals-and-sandbox "About $marker: [[read $*]]"
}
session codex-session
