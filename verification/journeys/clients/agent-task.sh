#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A coding agent finishes a task that uses a redacted credential: it reads a key from one file, writes it to another and says it. The
# service only ever sees the placeholder. Where the policy says `restore: tools` the file that it writes holds the key; by default it
# holds the placeholder, and the text that the person reads holds the key. The history that the next prompt resends, with the
# real values in it, leaves under the same placeholder.
. "$(dirname "$0")/lib.sh"
export CLIENTS_NPM

# task NAME CONTENT: `prepare` makes its HOME, `run PROMPT` starts a session, `go_on PROMPT` continues it. CONTENT: of the file, with KEY for the key.
task() {
  local name=$1 key marker from from_here out status problems='' fail_when_allowed=('no placeholder' 'the value arrived')
  [[ $2 == *KEY* ]] || fail_when_allowed+=('the file is not as expected')
  private_home "$name"
  prepare
  key=$(made_up_key)
  marker=$(random_from a-z 12)
  printf '[default]\naws_access_key_id = %s\nregion = eu-central-1\n' "$key" >credentials
  from=$(log_mark)
  out=$(run "About $marker: [[copy $HOME/work/credentials $HOME/work/token.env]]" 2>"$HOME/err" </dev/null)
  status=$?
  [ $status = 0 ] || problems="it ended with $status: $(tail -c 300 "$HOME/err"); "
  [[ $out == *"$ANSWER The key is $key."* ]] || problems="${problems}the text does not show the key; "
  [ "$(cat token.env 2>&1)" = "TOKEN=${2/KEY/$key}" ] || problems="${problems}the file is not as expected; "
  [ -z "${RESENT:-}" ] || problems=$problems$(oracle stable "$from" "$marker" 3)
  problems=$problems$(oracle redacted "$from" "$marker" "$key" '[SECRET-1]')$(oracle numbered "$from" 1)
  check_guard "$name finishes its task" "$problems" "${fail_when_allowed[@]}"

  from_here=$(log_mark)
  out=$(go_on "And now?" 2>"$HOME/err" </dev/null) && problems='' || problems="it ended with $?: $(tail -c 300 "$HOME/err"); "
  [[ $out == *"$ANSWER The key is $key."* ]] || problems="${problems}the text does not show the key; "
  [ -z "${RESENT:-}" ] || problems=$problems$(oracle stable "$from" "$marker" 4)
  problems=$problems$(oracle redacted "$from_here" "$marker" "$key" '[SECRET-1]')$(oracle numbered "$from_here" 1)
  check_guard "$name resends its history redacted" "$problems" 'no placeholder' 'the value arrived'
}

claude_code() { ANTHROPIC_API_KEY=made-up-key timeout 120 "$CLIENTS_NPM/node_modules/.bin/claude" --model claude-sonnet-4-5 --allowedTools Read,Write "$@"; }
claude_task() {
  prepare() { :; }
  run() { claude_code -p "$1"; }
  go_on() { claude_code --continue -p "$1"; }
  RESENT=yes task "$@"
}

codex() { timeout 120 "$CLIENTS_NPM/node_modules/.bin/codex" exec "$@"; }
codex_task() {
  prepare() { chatgpt_login; }
  run() { codex --skip-git-repo-check --dangerously-bypass-approvals-and-sandbox "$1"; }
  go_on() { codex resume --last --skip-git-repo-check --dangerously-bypass-approvals-and-sandbox "$1"; }
  task "$@"
}

claude_task claude-text '[SECRET-1]'
codex_task codex-text '[SECRET-1]'

# The same under a policy that lets tool calls have the values, with an agent of its own.
under_tools() {
  EXIT_JOBS=
  WORK=$WORK/tools
  mkdir -p "$WORK"
  [ -n "$PROVE" ] || { sed 's/^defaults: {/&restore: tools, /' "$POLICY" >"$WORK/policy.yaml"; POLICY=$WORK/policy.yaml; }
  . "$CLIENTS/run-agent.sh"
  on_exit 'kill "$AGENT_PID" 2>/dev/null; wait "$AGENT_PID" 2>/dev/null'
  claude_task claude-tools KEY
  codex_task codex-tools KEY
}
(under_tools)
