#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Everything that is no AI service keeps its own TLS: a bank, a message to Slack, git, npm and pip see the server's certificate and
# the server sees their own ClientHello. With the agent killed they work as if it had never been there.
. "$(dirname "$0")/lib.sh"
private_home only-ai-hosts
export GIT_CONFIG_NOSYSTEM=1 GIT_TERMINAL_PROMPT=0
unset CURL_CA_BUNDLE SSL_CERT_FILE NODE_EXTRA_CA_CERTS REQUESTS_CA_BUNDLE PIP_CERT GIT_SSL_CAINFO

# What the servers hold: a page, a git repository (dumb HTTP), a package for npm, a package for pip.
make_files() {
  local files=$UPSTREAM_FILES/any build=$HOME/build
  mkdir -p "$files" "$build/package"
  [ -d "$files/repo.git" ] && return
  echo '<p>balance: 12</p>' >"$files/balance.html"
  git -c init.defaultBranch=main init -q "$build/repo"
  git -C "$build/repo" -c user.name=j -c user.email=j@example.org commit -q --allow-empty -m first
  git clone -q --bare "$build/repo" "$files/repo.git"
  git -C "$files/repo.git" update-server-info
  echo '{"name": "tiny-journey", "version": "1.0.0"}' >"$build/package/package.json"
  mkdir -p "$files/tiny-journey/-"
  tar -czf "$files/tiny-journey/-/tiny-journey-1.0.0.tgz" -C "$build" package
  python3 - "$files" <<'P'
import base64, hashlib, json, pathlib, sys, zipfile
files = pathlib.Path(sys.argv[1])
tarball = (files / "tiny-journey/-/tiny-journey-1.0.0.tgz").read_bytes()
integrity = "sha512-" + base64.b64encode(hashlib.sha512(tarball).digest()).decode()
dist = {"tarball": "https://npm.test/tiny-journey/-/tiny-journey-1.0.0.tgz", "integrity": integrity}
version = {"name": "tiny-journey", "version": "1.0.0", "dist": dist}
(files / "tiny-journey/index.json").write_text(
    json.dumps({"name": "tiny-journey", "dist-tags": {"latest": "1.0.0"}, "versions": {"1.0.0": version}}))
simple = files / "simple/tiny-journey"
simple.mkdir(parents=True)
with zipfile.ZipFile(simple / "tiny_journey-1.0.0-py3-none-any.whl", "w") as wheel:
    wheel.writestr("tiny_journey.py", "")
    wheel.writestr("tiny_journey-1.0.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny-journey\nVersion: 1.0.0\n")
    wheel.writestr("tiny_journey-1.0.0.dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: j\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    wheel.writestr("tiny_journey-1.0.0.dist-info/RECORD", "")
(simple / "index.html").write_text('<a href="tiny_journey-1.0.0-py3-none-any.whl">tiny_journey-1.0.0-py3-none-any.whl</a>')
P
}
make_files

# Each tool trusts the servers' CA and not ours: it works only if it sees the server's own certificate. $1: where the server is.
by_curl_bank() { curl -sS --max-time 20 --cacert "$UPSTREAM_CA" "https://${1:-bank.test}/balance.html" | grep -q 'balance: 12'; }
by_curl_slack() {
  curl -sS --max-time 20 --cacert "$UPSTREAM_CA" -o /dev/null -w '%{http_code}' -H 'content-type: application/json' \
    --data '{"channel": "C1", "text": "hello"}' "https://${1:-slack.com}/api/chat.postMessage" | grep -q 200
}
by_git() { rm -rf clone && git -c http.sslCAInfo="$UPSTREAM_CA" clone -q "https://${1:-git.test}/repo.git" clone && git -C clone log -1 --format=%s | grep -qx first; }
by_npm() {
  rm -rf npm && mkdir npm && (cd npm && npm install --silent --no-audit --no-fund --no-update-notifier --cafile "$UPSTREAM_CA" \
    --registry "https://${1:-npm.test}/" --replace-registry-host=always --cache "$HOME/npm-cache-${1:-proxied}" tiny-journey) &&
    [ -f npm/node_modules/tiny-journey/package.json ]
}
by_pip() {
  rm -rf wheels && "$CLIENTS_PY/bin/python" -m pip download -q --disable-pip-version-check --no-cache-dir --no-deps --cert "$UPSTREAM_CA" \
    --index-url "https://${1:-pypi.test}/simple" -d wheels tiny-journey && ls wheels | grep -q tiny_journey
}

tools=(curl_bank curl_slack git npm pip)
works() { if "by_$1" "${@:2}" >"$HOME/$1.out" 2>&1; then echo; else tail -c 200 "$HOME/$1.out" | tr '\n' ' '; echo "it failed"; fi; }

for tool in "${tools[@]}"; do
  from=$(log_mark)
  check "$tool through the agent sees the server's own certificate" "$(works "$tool")"
  through=$(oracle hello_print "$from")
  from=$(log_mark)
  (unset HTTPS_PROXY https_proxy; works "$tool" "localhost:$UPSTREAM_PORT") >"$HOME/direct"
  check "$tool without the agent" "$(cat "$HOME/direct")"
  direct=$(oracle hello_print "$from")
  problem=
  [ -n "$through" ] && [ "$through" = "$direct" ] || problem="hello through the agent $through, direct $direct"
  check "$tool: the server sees the client's own hello" "$problem"
done

# An opened host, for contrast: there the certificate is ours.
issuer=$(curl -sSv --max-time 20 --cacert "$AGENT_CA" https://api.openai.com/v1/models 2>&1 | sed -n 's/^\*  issuer: //p')
case $issuer in *haperone*) ok 'an AI host shows our certificate' ;; *) bad 'an AI host shows our certificate' "issuer: $issuer" ;; esac
# None of the tunnelled exchanges is in the events.
problem=$("$CHAPERONE" events --json --data-dir "$AGENT_DATA" | grep -E '"host":"(bank|git|npm|pypi)\.test"|"host":"slack\.com"' | cut -c1-200)
check 'nothing of them is recorded' "$problem"

# An agent of its own, killed as hard as can be: new terminals know nothing of it.
"$CHAPERONE" run --listen 127.0.0.1:0 --no-ui --data-dir "$HOME/second" --connect-to "::127.0.0.1:$UPSTREAM_PORT" \
  >"$HOME/second.out" 2>"$HOME/second.err" </dev/null &
second=$!
on_exit 'kill -9 $second 2>/dev/null'
await "$HOME/second.out" '^chaperone: ready' "$second" || die 'the second agent did not start'
java_pid=$(pgrep -P "$second" java || echo "$second")
kill -9 "$java_pid"
wait "$second" 2>/dev/null
unset HTTPS_PROXY https_proxy NO_PROXY no_proxy NODE_USE_ENV_PROXY
for tool in "${tools[@]}"; do check "$tool with the agent killed" "$(works "$tool" "localhost:$UPSTREAM_PORT")"; done
