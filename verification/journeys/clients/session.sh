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
  [ -n "$PROVE" ] || problems=$problems$(oracle stable "$from" "$marker" 6)
  problems=$problems$(oracle redacted "$from" "$marker" "$key" '[SECRET-1]')
  check "$name of six turns, a key in the second" "$problems"
}

run() { timeout 60 "$NODE" "$CLIENTS/node-session.mjs" "$@"; }
export CLIENTS_NPM
session anthropic-sdk-session

run() {
  local marker=$1
  shift
  ANTHROPIC_API_KEY=made-up-key timeout 120 "$CLIENTS_NPM/node_modules/.bin/claude" -p "About $marker: [[read $*]]" \
    --model claude-sonnet-4-5 --allowedTools Read
}
session claude-session
