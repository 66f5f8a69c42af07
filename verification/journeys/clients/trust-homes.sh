# SPDX-License-Identifier: Apache-2.0
# Sourced by trust-matrix.sh: homes that are lived in, registries that stay what they are, repairs that are killed.

# A home with settings of its own: a company's bundle in four places, a dotfiles folder with links, odd layouts.
lived_in() {
  local home=$1
  mkdir -p "$home/dotfiles" "$home/.claude" "$home/.codex"
  cp "$UPSTREAM_CA" "$home/company.pem"
  printf '[user]\n\tname = me\n[http]\n\tsslCAInfo = %s' "$home/company.pem" >"$home/dotfiles/gitconfig"
  ln -s dotfiles/gitconfig "$home/.gitconfig"
  printf -- '--cacert %s\nsilent' "$home/company.pem" >"$home/.curlrc"
  chmod 600 "$home/.curlrc"
  printf 'export NODE_EXTRA_CA_CERTS=%s REQUESTS_CA_BUNDLE=%s\n' "$home/company.pem" "$home/company.pem" >"$home/dotfiles/profile"
  ln -s "$home/dotfiles/profile" "$home/.bash_profile"
  printf '{\n    "model" : "opus", "env":{"DISABLE_TELEMETRY":"1"},\n\t"permissions": {"allow": []}}' >"$home/.claude/settings.json"
  printf 'OTHER=1' >"$home/.codex/.env"
}

HOME_UNDER_TEST=$WORK/lived-in
lived_in "$HOME_UNDER_TEST"
before=$(sum "$HOME_UNDER_TEST")
trust --repair >"$WORK/repaired-2.txt" 2>&1
for tool in curl git node_fetch python_requests claude_code codex; do
  out=$(request "$HOME_UNDER_TEST" "$tool")
  check "lived-in home: $tool" "$(works "$out" || tail -c 200 <<<"$out" | tr '\n' ' ')"
done
# The company's own certificates, which only its bundle knows, are still trusted: a bank through the agent is not opened.
HOST=https://bank.test
for tool in curl git node_fetch python_requests; do
  out=$(request "$HOME_UNDER_TEST" "$tool")
  check "lived-in home: $tool still trusts the company's servers" "$(works "$out" || tail -c 200 <<<"$out" | tr '\n' ' ')"
done
issuer=$(through "$HOME_UNDER_TEST" curl -sv --max-time 20 "$HOST/matrix.txt" 2>&1 | sed -n 's/^\*  issuer: //p')
check 'a host that is not opened shows its own certificate' "$(case $issuer in *'stand-in CA'*) ;; *) echo "issuer: $issuer" ;; esac)"
HOST=https://api.openai.com
[ -L "$HOME_UNDER_TEST/.gitconfig" ] && [ -L "$HOME_UNDER_TEST/.bash_profile" ] && problem= || problem='a link was replaced'
check 'links stay links' "$problem"

# What the person changes meanwhile stays.
printf '[alias]\n\tst = status\n' >>"$HOME_UNDER_TEST/.gitconfig"
trust --undo >"$WORK/undone-2.txt" 2>&1
check 'a file changed meanwhile loses only ours' "$(git config -f "$HOME_UNDER_TEST/.gitconfig" alias.st >/dev/null || echo 'the alias is gone')$(
  grep -q 'chaperone trust' "$HOME_UNDER_TEST/.gitconfig" && echo 'ours is still there')$(grep -q 'only ours' "$WORK/undone-2.txt" || echo 'undo does not say it')"
rm -rf "$HOME_UNDER_TEST"
lived_in "$HOME_UNDER_TEST"
trust --repair >/dev/null 2>&1
trust --undo >/dev/null 2>&1
check 'lived-in home: byte for byte as it was' "$([ "$(sum "$HOME_UNDER_TEST")" = "$before" ] || echo 'it is another')"

# A settings file that its tool would not read either: one line, the file as it was, the other tools repaired.
printf '{ // mine\n  "env": {} }' >"$HOME_UNDER_TEST/.claude/settings.json"
broken=$(sum "$HOME_UNDER_TEST/.claude")
trust --repair >"$WORK/repaired-3.txt" 2>&1
check 'settings with a comment are left alone, and it is said where' "$([ "$(sum "$HOME_UNDER_TEST/.claude")" = "$broken" ] || echo 'they are changed')$(
  grep -q 'settings.json is no valid JSON at line 1' "$WORK/repaired-3.txt" || grep -A2 claude "$WORK/repaired-3.txt" | tr '\n' ' ')"
out=$(request "$HOME_UNDER_TEST" curl)
check 'and curl is repaired all the same' "$(works "$out" || echo "$out")"
trust --undo >/dev/null 2>&1
rm -rf "$HOME_UNDER_TEST"

# Package managers through the agent: the servers' own certificates, before, during and after.
lived_in "$HOME_UNDER_TEST"
registries() {
  through "$HOME_UNDER_TEST" env NODE_EXTRA_CA_CERTS="$UPSTREAM_CA" npm view --registry https://npm.test/ --replace-registry-host=always --cache "$WORK/npm-cache-$1" tiny-journey version 2>&1
  through "$HOME_UNDER_TEST" python3 -m pip download -q --disable-pip-version-check --no-cache-dir --no-deps --cert "$UPSTREAM_CA" \
    --index-url https://pypi.test/simple -d "$WORK/wheels-$1" -r /dev/null 2>&1
}
mkdir -p "$UPSTREAM_FILES/any/tiny-journey"
echo '{"name":"tiny-journey","dist-tags":{"latest":"1.0.0"},"versions":{"1.0.0":{"name":"tiny-journey","version":"1.0.0","dist":{"tarball":"https://npm.test/t.tgz"}}}}' \
  >"$UPSTREAM_FILES/any/tiny-journey/index.json"
before_registries=$(registries 1)
trust --repair >/dev/null 2>&1
check 'package managers are told nothing' "$(grep -rlE 'cafile|\[global\]' "$HOME_UNDER_TEST" --include=.npmrc --include=pip.conf 2>/dev/null)"
check 'npm and pip see the registries as before' "$([ "$(registries 2)" = "$before_registries" ] && [[ $before_registries == *1.0.0* ]] || echo "$before_registries")"
trust --undo >/dev/null 2>&1
rm -rf "$HOME_UNDER_TEST"

# exec in a home without trust: what each tool needs, over what the person has; a host that is not opened keeps its own certificate.
mkdir "$HOME_UNDER_TEST"
running() { terminal "$HOME_UNDER_TEST" "$CHAPERONE" exec --data-dir "$AGENT_DATA" -- "$@" 2>&1; }
for tool in 'curl -sS' 'wget -nv -O -' "$(jdk 25)/bin/java $WORK/Get.java" 'git ls-remote'; do
  url=$HOST/matrix.txt
  [ "$tool" != 'git ls-remote' ] || url=$HOST/repo.git
  out=$(running $tool "$url")
  check "exec: ${tool##*/}" "$(works "$out" || tail -c 200 <<<"$out" | tr '\n' ' ')"
done
issuer=$(running curl -sv --cacert "$UPSTREAM_CA" --max-time 20 https://bank.test/matrix.txt | sed -n 's/^\*  issuer: //p')
check 'exec: a host that is not opened shows its own certificate' "$(case $issuer in *'stand-in CA'*) ;; *) echo "issuer: $issuer" ;; esac)"
rm -rf "$HOME_UNDER_TEST"

# Killed as hard as can be, at ten moments of a repair, then undone.
lived_in "$HOME_UNDER_TEST"
before=$(sum "$HOME_UNDER_TEST")
killed=0
problem=
for n in 1 2 3 4 5 6 7 8 9 10; do
  rm -f "$WORK/repair.pid"
  terminal "$HOME_UNDER_TEST" sh -c 'echo $$ >"$0"; exec "$@"' "$WORK/repair.pid" "$CHAPERONE" trust --repair --data-dir "$AGENT_DATA" >/dev/null 2>&1 &
  for _ in $(seq 1000); do [ -s "$WORK/repair.pid" ] && break; sleep 0.01; done
  repair=$(cat "$WORK/repair.pid") # the launcher becomes the JVM
  # The moment: when the n-th entry stands in the ledger (from the seventh on, while tools are asked again).
  for _ in $(seq 3000); do
    kill -0 "$repair" 2>/dev/null || break
    [ -e "$HOME_UNDER_TEST/.local/state/chaperone/trust/ledger/$((n > 6 ? 6 : n)).json" ] && break
    sleep 0.002
  done
  kill -9 "$repair" 2>/dev/null && killed=$((killed + 1))
  wait $! 2>/dev/null
  trust --undo >"$WORK/undone-$n.txt" 2>&1 || problem="$problem undo $n failed: $(tail -1 "$WORK/undone-$n.txt");"
  [ "$(sum "$HOME_UNDER_TEST")" = "$before" ] || problem="$problem another home after kill $n;"
done
[ "$killed" -gt 4 ] || problem="$problem only $killed were killed in time"
check 'killed at ten moments of a repair, then undone' "$problem"
