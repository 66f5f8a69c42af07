#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `chaperone trust` with real tools, each through the agent to an AI host: before (its own certificate error), after `trust --repair`
# (the answer), after `trust --undo` (the home byte for byte as it was, and the error again). Then what must not change: package
# managers and a bank see the servers' own certificates; a lived-in home keeps its company bundle; a repair killed at ten moments.
# trust-matrix.sh [--prove]   --prove: without the repair every "after" must be red.
case ${1:-} in --prove) NO_REPAIR=yes ;; *) NO_REPAIR= ;; esac
. "$(dirname "$0")/lib.sh"

# A new terminal: nothing of this one, the login shell reads the home's own files. $1: home, rest: the command.
terminal() {
  local home=$1
  shift
  env -i HOME="$home" SHELL=/bin/bash TERM=dumb TMPDIR="$WORK/tmp" PATH="$TOOLS" CLIENTS_NPM="$CLIENTS_NPM" bash -lc \
    'export PATH='"$TOOLS"'; cd "$TMPDIR"; exec "$@"' - "$@"
}

# One request of each tool through the agent, in a copy of the home: tools write into their homes.
request() {
  local home=$WORK/run-home
  rm -rf "$home"
  mkdir "$home"
  cp -a "$1/." "$home/"
  ln -sfn "$1/.jdks" "$home/.jdks" 2>/dev/null
  HOME_OF_RUN=$home "by_$2" "$home" 2>&1 </dev/null
}
through() { terminal "$1" env HTTPS_PROXY="http://$AGENT_ADDRESS" https_proxy="http://$AGENT_ADDRESS" SENT="$WORK/sent" "${@:2}"; }

HOST=https://api.openai.com
by_curl() { through "$1" curl -sS --max-time 20 "$HOST/matrix.txt"; }
by_wget() { through "$1" wget -nv --tries=1 --timeout=20 -O - "$HOST/matrix.txt"; }
by_git() { through "$1" git ls-remote "$HOST/repo.git"; }
by_node_fetch() {
  through "$1" env NODE_USE_ENV_PROXY=1 "$NODE" -e "fetch('$HOST/matrix.txt').then(r => r.text()).then(console.log, e => { console.log(e.cause?.message); process.exit(1) })"
}
by_node_openai() { through "$1" env NODE_USE_ENV_PROXY=1 "$NODE" "$CLIENTS/node-openai.mjs" chat json 'Hello.'; }
by_node_anthropic() { through "$1" env NODE_USE_ENV_PROXY=1 "$NODE" "$CLIENTS/node-anthropic.mjs" json 'Hello.'; }
by_python_requests() { through "$1" python3 -B -c "import requests; print(requests.get('$HOST/matrix.txt').text)"; }
by_python_httpx() { through "$1" python3 -B -c "import httpx; print(httpx.get('$HOST/matrix.txt').text)"; }
by_python_openai() { through "$1" python3 -B "$CLIENTS/python.py" openai 'Hello.'; }
by_claude_code() { through "$1" env ANTHROPIC_API_KEY=made-up CLAUDE_CODE_MAX_RETRIES=0 timeout 30 claude -p 'Hello.' --model claude-sonnet-4-5; }
by_codex() { through "$1" env CODEX_API_KEY=made-up timeout 8 codex exec --skip-git-repo-check 'Hello.'; }
by_copilot() { through "$1" env COPILOT_GITHUB_TOKEN=gho_madeup timeout 30 "$NODE" "$CLIENTS_NPM/node_modules/.bin/copilot" -p 'Hello.' --allow-all-tools; }
java_get() { through "$1" "$2" "-Dhttps.proxyHost=${AGENT_ADDRESS%:*}" "-Dhttps.proxyPort=${AGENT_ADDRESS##*:}" "$WORK/Get.java" "$HOST/matrix.txt"; }
by_java_17() { java_get "$1" "$HOME_UNDER_TEST/.jdks/17/bin/java"; }
by_java_25() { java_get "$1" "$HOME_UNDER_TEST/.jdks/25/bin/java"; }

jdk() { # MAJOR: a JDK of this machine
  local home
  for home in "${JAVA_HOME:-}" /usr/lib/jvm/* /opt/java/*; do
    grep -qs "^JAVA_VERSION=\"$1[.\"]" "$home/release" && [ -x "$home/bin/javac" ] && { readlink -f "$home"; return; }
  done
}

prepare() {
  mkdir -p "$WORK/tmp" "$WORK/bin" "$UPSTREAM_FILES/any"
  TOOLS=$CLIENTS_PY/bin:$CLIENTS_NPM/node_modules/.bin:/usr/bin:/bin
  echo 'matrix answer' >"$UPSTREAM_FILES/any/matrix.txt"
  git -c init.defaultBranch=main init -q "$WORK/repo"
  git -C "$WORK/repo" -c user.name=j -c user.email=j@example.org commit -q --allow-empty -m first
  git clone -q --bare "$WORK/repo" "$UPSTREAM_FILES/any/repo.git"
  git -C "$UPSTREAM_FILES/any/repo.git" update-server-info
  cat >"$WORK/Get.java" <<'J'
public class Get {
    public static void main(String[] a) throws Exception {
        try (var in = new java.net.URL(a[0]).openStream()) { in.transferTo(System.out); }
    }
}
J
  tools=(curl wget git node_fetch node_openai node_anthropic python_requests python_httpx python_openai claude_code codex)
  local major home
  for major in 17 25; do
    home=$(jdk "$major")
    [ -n "$home" ] || { echo "NOT RUN: no JDK $major here"; continue; }
    mkdir -p "$HOME_UNDER_TEST/.jdks"
    cp -a "$home" "$HOME_UNDER_TEST/.jdks/$major"
    # A JDK of the person's own has its own store; Debian's leads to the machine's.
    rm "$HOME_UNDER_TEST/.jdks/$major/lib/security/cacerts"
    cp -L "$home/lib/security/cacerts" "$HOME_UNDER_TEST/.jdks/$major/lib/security/cacerts"
    tools+=("java_$major")
  done
  command -v wget >/dev/null || bad wget 'it is missing'
}

# Names, kinds, modes, link targets and contents of a whole home.
sum() { (cd "$1" && find . -printf '%p %y %m %l\n' | sort && find . -type f -print0 | sort -z | xargs -0 sha256sum) | sha256sum; }

works() { case $1 in *'matrix answer'* | *"$ANSWER"* | *refs/heads/main*) return 0 ;; *) return 1 ;; esac; }
trust() { terminal "$HOME_UNDER_TEST" "$CHAPERONE" trust --data-dir "$AGENT_DATA" "$@"; }
# The SDKs say no more than "Connection error", Codex no more than at which stage.
reason() { grep -iE 'certificate|issuer|PKIX|APIConnectionError|stage=Tls' <<<"$1" | head -1 | sed 's/.*\(error\|Exception\|ERROR\): *//' | sed 's/.*\(stage=Tls\)/\1/' | cut -c1-46; }

HOME_UNDER_TEST=$WORK/person
mkdir "$HOME_UNDER_TEST"
prepare
before=$(sum "$HOME_UNDER_TEST")

declare -A first second third
for tool in "${tools[@]}"; do first[$tool]=$(request "$HOME_UNDER_TEST" "$tool"); done
trust >"$WORK/shown.txt" 2>&1
check 'showing changes nothing' "$([ "$(sum "$HOME_UNDER_TEST")" = "$before" ] || echo 'the home is another')"
[ -n "$NO_REPAIR" ] || trust --repair >"$WORK/repaired.txt" 2>&1
for tool in "${tools[@]}"; do second[$tool]=$(request "$HOME_UNDER_TEST" "$tool"); done
[ -z "${KEEP:-}" ] || cp -a "$HOME_UNDER_TEST/.local" "$WORK/state-after" 2>/dev/null
problem=$([ -n "$NO_REPAIR" ] || [ "$(sum "$HOME_UNDER_TEST")" != "$before" ] || echo 'the repair changed nothing')
check 'the repair changed something' "$problem"
trust --undo >"$WORK/undone.txt" 2>&1 || bad undo "$(tail -1 "$WORK/undone.txt")"
check 'undone: the whole home is byte for byte as it was' "$([ "$(sum "$HOME_UNDER_TEST")" = "$before" ] || echo 'it is another')"
for tool in curl git node_fetch; do third[$tool]=$(request "$HOME_UNDER_TEST" "$tool"); done

printf '%-18s %-48s %-8s %s\n' tool before after undone
for tool in "${tools[@]}"; do
  after=works
  works "${second[$tool]}" || after=RED
  undone=-
  if [ -n "${third[$tool]:-}" ]; then undone=refuses; works "${third[$tool]}" && undone=RED; fi
  printf '%-18s %-48s %-8s %s\n' "$tool" "$(reason "${first[$tool]}")" "$after" "$undone"
done
for tool in "${tools[@]}"; do
  problem=
  works "${first[$tool]}" && problem='it worked before: that proves nothing; '
  [ -n "$(reason "${first[$tool]}")" ] || problem="$problem no certificate error before: $(tail -c 150 <<<"${first[$tool]}" | tr '\n' ' '); "
  if [ -n "$NO_REPAIR" ]; then
    works "${second[$tool]}" && problem="${problem}it works without the repair; "
  else
    works "${second[$tool]}" || problem="${problem}after: $(tail -c 200 <<<"${second[$tool]}" | tr '\n' ' ')"
  fi
  [ "${third[$tool]+set}" ] && works "${third[$tool]}" && problem="${problem}it still works after the undo"
  check "$tool" "$problem"
done
# What it said of each was so.
for tool in git curl wget node claude-code codex python-requests java; do
  of=
  [ $tool = java ] && of='.*~/\.jdks/' # the machine's own are root's to repair
  problem=
  grep -qE "^$tool +does not trust$of" "$WORK/shown.txt" || problem="shown: $(grep "^$tool " "$WORK/shown.txt")"
  [ -n "$NO_REPAIR" ] || { grep -qE "^$tool +trusts$of" "$WORK/repaired.txt" && ! grep -qE "^$tool +(does not trust|unknown)$of" "$WORK/repaired.txt"; } ||
    problem="$problem repaired: $(grep "^$tool " "$WORK/repaired.txt")"
  check "it said so of $tool" "$problem"
done
[ -n "$NO_REPAIR" ] || . "$CLIENTS/trust-homes.sh"
red=$(grep -cx bad "$RESULTS")
printf '%s passed, %s failed\n' "$(grep -cx ok "$RESULTS")" "$red"
[ "$red" = 0 ]
