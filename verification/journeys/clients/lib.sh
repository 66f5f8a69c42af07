# SPDX-License-Identifier: Apache-2.0
# What every client's script shares: sourced first. A script defines `ask PROMPT` (print the client's output) and calls
# `three_turns NAME`. With --prove nothing is redacted or refused (allow-all policy) and the same assertions must fail.
set -u
CLIENTS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(cd "$CLIENTS/../../.." && pwd)
CHAPERONE=$ROOT/chaperone
CLIENTS_CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/chaperone-clients
CLIENTS_NPM=${CLIENTS_NPM:-$CLIENTS_CACHE/npm}
CLIENTS_PY=${CLIENTS_PY:-$CLIENTS_CACHE/py}
NODE=$CLIENTS_NPM/node_modules/node/bin/node
ANSWER='The stand-in understood you.'
REFUSAL='Chaperone did not send this message'
PROVE=${PROVE:-}
TURN_LIMIT=${TURN_LIMIT:-60}

# on_exit COMMAND: the last one asked for runs first.
EXIT_JOBS=
on_exit() { EXIT_JOBS="$1; $EXIT_JOBS"; trap "$EXIT_JOBS" EXIT; }

die() { printf 'FAIL setup: %s\n' "$1"; exit 1; }

# await FILE PATTERN PID: until a line of FILE matches; fails when the process ends or 30 s have passed.
await() {
  local tries
  for tries in $(seq 300); do
    grep -q "$2" "$1" 2>/dev/null && return 0
    kill -0 "$3" 2>/dev/null || return 1
    sleep 0.1
  done
  return 1
}

# One line per case, and the counters of all.sh.
ok() { printf 'ok %s\n' "$1"; echo ok >>"$RESULTS"; }
bad() { printf 'FAIL %s: %s\n' "$1" "$2"; echo bad >>"$RESULTS"; }

# check CASE PROBLEMS: empty means that it holds.
check() { if [ -z "$2" ]; then ok "$1"; else bad "$1" "$2"; fi; }

# check_guard CASE PROBLEMS EXPECTED …: a case that --prove turns around: then each EXPECTED must be among the problems, so that
# none of the assertions could hold by accident.
check_guard() {
  local name=$1 problems=$2 expected
  shift 2
  [ -n "$PROVE" ] || { check "$name" "$problems"; return; }
  for expected in "$@"; do
    [[ $problems == *"$expected"* ]] || { bad "$name" "with everything allowed this assertion holds all the same: $expected"; return; }
  done
  ok "$name: $# assertions fail with everything allowed"
}

oracle() { python3 "$CLIENTS/oracle.py" "$UPSTREAM_LOG" "$@"; }
log_mark() { wc -l <"$UPSTREAM_LOG"; }
# How many times the policy refused so far, resends included; and by which clients' requests.
refusals() { "$CHAPERONE" events --json --data-dir "$AGENT_DATA" | python3 "$CLIENTS/oracle.py" - refusals; }

random_from() { LC_ALL=C tr -dc "$1" </dev/urandom | head -c "$2"; }
made_up_key() { printf '%s%s' AK "IA$(random_from A-Z2-7 16)"; }
made_up_card() { python3 "$CLIENTS/oracle.py" - card; }

# The JDK that the launcher uses.
java_home() {
  local home
  for home in "${CHAPERONE_JAVA_HOME:-}" "${JAVA_HOME:-}" /usr/lib/jvm/* /opt/java/* "$HOME"/.jdks/*; do
    grep -qs '^JAVA_VERSION="25[."]' "$home/release" && [ -x "$home/bin/java" ] && { printf '%s' "$home"; return; }
  done
}

# private_home NAME: an empty HOME, TMPDIR and working folder, so that nothing of the machine's user takes part.
private_home() {
  export HOME=$WORK/homes/$1
  export TMPDIR=$HOME/tmp
  mkdir -p "$TMPDIR" "$HOME/work"
  unset XDG_CONFIG_HOME XDG_CACHE_HOME XDG_DATA_HOME XDG_STATE_HOME XDG_RUNTIME_DIR
  cd "$HOME/work" || exit 1
}

# turn_output NAME KIND PROMPT: runs the client, within its time.
turn_output() {
  export SENT=$WORK/turns/$1.$2.sent
  mkdir -p "$WORK/turns"
  ask "$3" >"$WORK/turns/$1.$2.out" 2>&1 </dev/null
  cat "$WORK/turns/$1.$2.out"
}

allowed_turn() {
  [ -z "$PROVE" ] || return 0
  local name=$1 marker from out problems=''
  marker=$(random_from a-z 12)
  from=$(log_mark)
  out=$(turn_output "$name" allowed "$(printf 'Say hello to %s – ünï 漢字 😀 "quoted" back\\slash.' "$marker")")
  case $out in *"$ANSWER"*) ;; *) problems="no answer in the output; " ;; esac
  problems=$problems$(oracle allowed "$from" "$marker" "${SENT_KNOWN:+$WORK/turns/$name.allowed.sent}")
  [ -z "${BY_WEBSOCKET:-}" ] || problems=$problems$(oracle by_websocket "$from" "$marker")
  check "$name allowed" "$problems"
}

redacted_turn() {
  local name=$1 marker key from out problems=''
  marker=$(random_from a-z 12)
  key=$(made_up_key)
  from=$(log_mark)
  out=$(turn_output "$name" redacted "Note $marker: why does aws_access_key_id=$key not work?")
  case $out in *"$ANSWER"*) ;; *) problems="no answer in the output; " ;; esac
  problems=$problems$(oracle redacted "$from" "$marker" "$key" '[SECRET-1]')
  check_guard "$name redacted" "$problems" 'no placeholder' 'the value arrived'
}

refused_turn() {
  local name=$1 marker card from before out problems=''
  marker=$(random_from a-z 12)
  card=$(made_up_card)
  from=$(log_mark)
  before=$(refusals)
  out=$(turn_output "$name" refused "Note $marker: refund the card $card today")
  case $out in *"$REFUSAL"*) ;; *) problems="the output does not show the refusal; " ;; esac
  if printf '%s' "$out" | grep -qiE 'failed to authenticate|authentication failed|credentials may|log ?in again'; then
    problems="${problems}the output speaks of authentication; "
  fi
  problems=$problems$(oracle refused "$from" "$marker" "$card")
  check_guard "$name refused" "$problems" 'does not show the refusal' 'part of the message arrived'
  check_guard "$name refused once" "$(python3 "$CLIENTS/oracle.py" - once "$before" "$(refusals)" "${REFUSED_PROMPTS:-1}")" '0 refusals'
}

three_turns() { allowed_turn "$1"; redacted_turn "$1"; refused_turn "$1"; }

base64url() { base64 -w0 | tr '+/' '-_' | tr -d =; }
# unsigned_jwt CLAIMS: what a log-in would have stored; nobody here verifies it.
unsigned_jwt() { printf '%s.%s.%s' "$(printf '{"alg":"none","typ":"JWT"}' | base64url)" "$(printf '%s' "$1" | base64url)" "$(printf 'made-up' | base64url)"; }
# chatgpt_login: what a ChatGPT log-in would have left in this HOME, with made-up, unsigned tokens.
chatgpt_login() {
  local account token
  mkdir -p "$HOME/.codex"
  account='"https://api.openai.com/auth":{"chatgpt_plan_type":"plus","chatgpt_account_id":"made-up-account","chatgpt_user_id":"user-made-up"}'
  token=$(unsigned_jwt "{\"email\":\"journey@example.com\",\"exp\":$(($(date +%s) + 86400)),$account}")
  printf '{"OPENAI_API_KEY":null,"tokens":{"id_token":"%s","access_token":"%s","refresh_token":"made-up","account_id":"made-up-account"},"last_refresh":"%s"}' \
    "$token" "$token" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" >"$HOME/.codex/auth.json"
}

# own_world: the stand-in and the agent, when a script is run alone. all.sh starts them once for all.
own_world() {
  [ -n "${AGENT_PID:-}" ] && return
  WORK=$(mktemp -d "${TMPDIR:-/tmp}/chaperone-clients.XXXXXX")
  export WORK
  export RESULTS=$WORK/results
  : >"$RESULTS"
  POLICY=${POLICY:-$CLIENTS/policy.yaml}
  [ -z "$PROVE" ] || POLICY=$ROOT/policies/allow-all.yaml
  [ -x "$NODE" ] || die "no Node in $CLIENTS_NPM: run setup.sh"
  "$CHAPERONE" --version >/dev/null || die 'the agent cannot be built' # builds when a source is newer
  . "$CLIENTS/run-upstream.sh"
  . "$CLIENTS/run-agent.sh"
  export UPSTREAM_PORT UPSTREAM_PID UPSTREAM_CA UPSTREAM_LOG UPSTREAM_FILES AGENT_PID AGENT_CA AGENT_ADDRESS AGENT_DATA POLICY PROVE
  on_exit 'kill "$AGENT_PID" "$UPSTREAM_PID" 2>/dev/null; wait 2>/dev/null; [ -n "${KEEP:-}" ] || rm -rf "$WORK"'
}

own_world
