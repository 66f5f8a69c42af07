#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The organisation's root between a real server, a real agent, openssl and curl: an intermediate of a company's own PKI, what it is worth to
# a thief, a roll with overlap, a host that nobody signed for. About 4 minutes, most of it waiting for the agent's own rhythm.
# `--prove`: promotes before clients trust the next root; the checks of the overlap must then fail.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
java=${JAVA_HOME:?set JAVA_HOME to a JDK 25}/bin/java
prove=${1:-}
for tool in openssl curl python3; do command -v $tool >/dev/null || { echo "$tool is missing" >&2; exit 3; }; done
"$root/chaperone" --version >/dev/null # builds when a source is newer
work=$(mktemp -d)
pids=() passed=0 failed=0
clean() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  [ -n "${KEEP:-}" ] && echo "kept: $work" || rm -rf "$work"
}
trap clean EXIT
ok() { passed=$((passed + 1)); echo "ok    $1"; }
bad() { failed=$((failed + 1)); echo "FAIL  $1"; }
check() { # WHAT COMMAND …
  local what=$1
  shift
  if "$@" >"$work/check" 2>&1; then ok "$what"; else bad "$what"; sed 's/^/      /' "$work/check" | tail -5; fi
}
refuses() { # WHAT TEXT COMMAND …: ends with a status other than 0, one line on stderr, which holds the text
  local what=$1 text=$2
  shift 2
  if "$@" >"$work/out" 2>"$work/check"; then bad "$what"; return; fi
  if [ "$(wc -l <"$work/check")" = 1 ] && grep -q -- "$text" "$work/check"; then ok "$what"; else bad "$what"; sed 's/^/      /' "$work/check"; fi
}
not() { ! "$@"; }
await() { # SECONDS COMMAND …
  local until=$((SECONDS + $1))
  shift
  while [ $SECONDS -lt $until ]; do "$@" >/dev/null 2>&1 && return 0; sleep 1; done
  return 1
}
ready() { # FILE TEXT
  await 40 grep -q "$2" "$1" || { echo "not ready: $1" >&2; cat "$work"/*.err >&2; exit 3; }
}
admin() { "$root/chaperone" admin "$@" --data-dir "$work/server"; }

mkdir "$work/stand-in" "$work/company"
"$java" -Xmx96m -XX:+UseSerialGC -cp "$root/agent-core/target/lib/*" dev.chaperone.agent.demo.StandIn "$work/stand-in" >"$work/stand-in.out" 2>"$work/stand-in.err" &
pids+=($!)
"$root/chaperone" server --data-dir "$work/server" --listen 127.0.0.1:0 --agents-listen 127.0.0.1:0 --group sales --minimum-group 1 >"$work/server.out" 2>"$work/server.err" &
pids+=($!)
ready "$work/stand-in.out" 'stand-in: ready on'
ready "$work/server.out" 'enrolment token'
upstream=$(sed 's/.* //' "$work/stand-in.out")

echo '== the company signs'
cd "$work/company"
mkdir certs
: >index.txt
echo 1000 >serial
cat >ca.cnf <<'CNF'
[ca]
default_ca = company
[company]
dir = .
new_certs_dir = certs
database = index.txt
serial = serial
certificate = root.pem
private_key = root.key
default_md = sha256
default_days = 1000
policy = any
copy_extensions = copy
unique_subject = no
[any]
organizationName = optional
commonName = supplied
[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[nopath]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign
[leaf]
basicConstraints = critical, CA:FALSE
CNF
openssl req -x509 -newkey rsa:3072 -nodes -keyout root.key -out root.pem -days 3650 -subj '/O=Acme/CN=Acme Root' -config ca.cnf -extensions root 2>/dev/null
admin root csr fleet.csr
check 'openssl verifies the request' openssl req -in fleet.csr -noout -verify
check 'and reads CA:TRUE, pathlen 1 in it' sh -c 'openssl req -in fleet.csr -noout -text | grep -q "CA:TRUE, pathlen:1"'
sed 's/copy_extensions = copy/copy_extensions = none/' ca.cnf >plain.cnf
sign() { openssl ca -batch -notext -in fleet.csr -out "$1" "${@:2}" 2>/dev/null; }
sign nopath.pem -config plain.cnf -extensions nopath
sign leaf.pem -config plain.cnf -extensions leaf
sign good.pem -config ca.cnf
sign expired.pem -config ca.cnf -startdate 20200101000000Z -enddate 20210101000000Z
before=$(admin root show --json)
refuses 'pathlen 0 is refused' 'pathlen 0' admin root import nopath.pem root.pem
refuses 'a leaf is refused' 'no CA certificate' admin root import leaf.pem root.pem
refuses 'an expired one is refused' 'expired on' admin root import expired.pem root.pem
refuses 'one without its root is refused' 'not among the certificates' admin root import good.pem
refuses 'another key is refused' 'none of the certificates is for the key' admin root import root.pem
[ "$before" = "$(admin root show --json)" ] && ok 'nothing was changed' || bad 'nothing was changed'
check 'the good one is taken' admin root import good.pem root.pem
check 'as the current root, since nobody was enrolled' sh -c "'$root/chaperone' admin root show --data-dir '$work/server' | grep -q '^current *CN=Acme Root'"
admin root export --der acme.der
check 'exported as DER' sh -c 'openssl x509 -inform DER -in acme.der -noout -subject | grep -q "Acme Root"'
cd "$work"

echo '== a device under it'
"$root/chaperone" ca make --data-dir "$work/agent" # it was stand-alone before
check 'a stand-alone device holds its own root key' test -s "$work/agent/keys/device-root-key"
"$root/chaperone" enroll --data-dir "$work/agent" "$(sed -n 's/^enrolment token: //p' "$work/server.out")" >"$work/enroll.out"
check 'enroll names the root' grep -q 'under CN=Acme Root' "$work/enroll.out"
check 'ca.pem is the company root' sh -c "openssl x509 -in '$work/agent/ca.pem' -noout -subject | grep -q 'Acme Root'"
check 'no root key lies on the device' not test -e "$work/agent/keys/device-root-key"
"$root/chaperone" run --no-ui --listen 127.0.0.1:0 --data-dir "$work/agent" --connect-to ":443:127.0.0.1:$upstream" --upstream-ca "$work/stand-in/ca.pem" >"$work/agent.out" 2>"$work/agent.err" &
pids+=($!)
ready "$work/agent.out" 'chaperone: ready on'
port=$(sed 's/.*127.0.0.1:\([0-9]*\).*/\1/' "$work/agent.out")
by_curl() { # CA [HOST]
  curl -sS --max-time 20 --proxy "http://127.0.0.1:$port" --cacert "$1" -o "$work/answer" -H 'content-type: application/json' \
    -d '{"model":"m","messages":[{"role":"user","content":"how do tides work?"}]}' "https://${2:-api.openai.com}/v1/chat/completions"
}
cp "$work/company/root.pem" old.pem
check 'curl trusts the company root alone' by_curl old.pem
openssl s_client -proxy "127.0.0.1:$port" -connect api.openai.com:443 -servername api.openai.com -showcerts </dev/null 2>/dev/null >"$work/shown" || true
[ "$(grep -c 'BEGIN CERTIFICATE' "$work/shown")" = 3 ] && ok 'leaf, device intermediate and company intermediate are shown' || bad 'three certificates are shown'
python3 - "$work" <<'PY'
import re, sys
pems = re.findall(r'-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n', open(sys.argv[1] + '/shown').read(), re.S)
for name, pem in zip(('shown-leaf', 'shown-device', 'shown-company'), pems):
    open(f'{sys.argv[1]}/{name}.pem', 'w').write(pem)
PY
cat shown-device.pem shown-company.pem >shown-chain.pem
check 'openssl verifies them strictly' openssl verify -x509_strict -purpose sslserver -verify_hostname api.openai.com -CAfile old.pem -untrusted shown-chain.pem shown-leaf.pem

echo '== what a thief of the device key has'
openssl pkey -inform DER -in "$work/agent/keys/issuing-key-a" -out stolen.key
thief() { # NAME SAN
  printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth\nbasicConstraints=critical,CA:FALSE\n' "$2" >"$1.ext"
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" -subj "/CN=$1" -out "$1.csr" 2>/dev/null
  openssl x509 -req -in "$1.csr" -CA shown-device.pem -CAkey stolen.key -days 10 -extfile "$1.ext" -out "$1.pem" 2>/dev/null
}
thief opened DNS:api.openai.com
thief bank DNS:www.bank.example
thief address IP:127.0.0.1
sslverify() { openssl verify -purpose sslserver -CAfile old.pem -untrusted shown-chain.pem "$1.pem"; }
check 'openssl takes its leaf for the opened host' sslverify opened
check 'openssl rejects its leaf for a bank' not sslverify bank
check 'openssl rejects its leaf for an address' not sslverify address

echo '== doctor'
"$root/chaperone" doctor --json --data-dir "$work/agent" >doctor.json || true
says() { python3 -c 'import json, re, sys; c = {x["name"]: x for x in json.load(open("doctor.json"))["checks"]}; sys.exit(not re.search(sys.argv[2], c[sys.argv[1]]["says"]))' "$1" "$2"; }
check 'group' says fleet 'group sales'
check 'root with its SHA-256' says chain "Acme Root.*$(openssl x509 -in old.pem -outform DER | sha256sum | cut -c1-64)"
check 'until when' says chain '[0-9]+ intermediates, valid until 20'

echo '== a roll with overlap'
admin root roll >/dev/null
admin root export --next next.pem
cat old.pem next.pem >both.pem
told() { [ "$(grep -c BEGIN "$work/agent/ca.pem")" = "$1" ]; }
check 'the running agent learns the next root by itself' await 100 told 2
check 'chains still come from the old: curl that trusts it alone' by_curl old.pem
check 'curl that trusts both' by_curl both.pem
check 'curl that trusts the next alone does not yet' not by_curl next.pem
refuses 'promote is refused within 7 days' '7 days' admin root promote
client=both.pem
[ "$prove" = --prove ] && client=old.pem # clients that IT did not reach
admin root promote --force >/dev/null
check 'the running agent gets chains of the new root' await 100 by_curl next.pem
check 'clients noticed nothing' by_curl "$client"
check 'curl that trusts the old alone does not any more' not by_curl old.pem
check 'ca.pem holds both, the new one first' sh -c "openssl x509 -in '$work/agent/ca.pem' -noout -subject | grep -q 'organisation root' && [ \$(grep -c BEGIN '$work/agent/ca.pem') = 2 ]"
check 'the old one is retired' admin root retire
check 'ca.pem holds the new one alone' await 100 told 1
check 'and curl trusts it' by_curl next.pem
check 'the audit log names each step' sh -c "'$root/chaperone' admin audit list --data-dir '$work/server' | grep 'change root' | grep -c 'requested\|imported\|rolled\|promoted\|retired' | grep -qx 5"

echo "fleet-root: $passed passed, $failed failed"
[ "$failed" = 0 ]
