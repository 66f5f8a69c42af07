#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What a stolen intermediate is worth: clients that trust our root accept its leaf for an opened host, and reject its leaves for a
# bank and for an IP address, under a device's own root and under an organisation's that a company signed. OpenSSL, curl, Java, Go, Node, NSS, Chromium.
. "$(dirname "$0")/lib.sh"
. "$CLIENTS/go-build.sh"
. "$CLIENTS/chromium-run.sh"
private_home bank-leaf
unset HTTPS_PROXY https_proxy NODE_USE_ENV_PROXY NODE_EXTRA_CA_CERTS SSL_CERT_FILE CURL_CA_BUNDLE
java=$(java_home)/bin/java
go_client=$(go_build bank)
server=
on_exit '[ -z "$server" ] || kill $server 2>/dev/null'
prepare() { # own|fleet: whose root
  made=$WORK/bank-$1
  "$java" -cp "$ROOT/agent-core/target/lib/*" "$CLIENTS/bank/MintLeaves.java" "$made" "$1" || die 'the leaves were not made'
  cat "$made/intermediate.pem" "$made/above.pem" >"$made/between.pem"
  "$NODE" "$CLIENTS/bank/server.mjs" "$made" >"$made/stdout" &
  server=$!
  await "$made/stdout" '^ready' "$server" || die 'the server of the leaves did not start'
  read -r _ opened_port bank_port ip_port <"$made/stdout"
  trust_in_nss "$made/root.pem" "root-$1"
  for leaf in opened bank ip; do openssl x509 -in "$made/$leaf/leaf.pem" -outform DER -out "$made/$leaf/leaf.der"; done
  openssl x509 -in "$made/intermediate.pem" -outform DER -out "$made/intermediate.der"
  above=()
  if [ -s "$made/above.pem" ]; then openssl x509 -in "$made/above.pem" -outform DER -out "$made/above.der"; above=("$made/above.der"); fi
}

verdict() { if "$@" >/dev/null 2>&1; then echo accepted; else echo rejected; fi; }
by_openssl() { verdict openssl verify -x509_strict -purpose sslserver -CAfile "$made/root.pem" -untrusted "$made/between.pem" "$made/$1/leaf.pem"; }
by_curl() { verdict curl -sS --max-time 20 --cacert "$made/root.pem" --resolve "$2:$3:127.0.0.1" "https://$2:$3/"; }
by_java() { "$java" "$CLIENTS/bank/JavaClient.java" "$made/root.pem" "$2" "$3"; }
by_go() { "$go_client" "$made/root.pem" "$2" "$3"; }
by_node() { "$NODE" "$CLIENTS/bank/client.mjs" "$made/root.pem" "$2" "$3"; }
by_nss() { verdict vfychain -d "sql:$HOME/.pki/nssdb" -pp -u 1 "$made/$1/leaf.der" "$made/intermediate.der" "${above[@]}"; }
by_chromium() {
  local page
  page=$(PAC='data:,function%20FindProxyForURL(){return%22DIRECT%22}' RESOLVE='MAP * 127.0.0.1' browse "https://$2:$3/")
  case $page in
    *'page shown'*) echo accepted ;;
    *) if grep -q 'ERR_CERT\|net_error -2[0-9][0-9]' <<<"$page$(cat "$HOME/chromium.err")"; then echo rejected; else echo 'no verdict'; fi ;;
  esac
}

for whose in own fleet; do
  prepare "$whose"
  for client in openssl curl java go node nss chromium; do
    for case in "opened api.openai.com $opened_port accepted" "bank bank.test $bank_port rejected" "ip 127.0.0.1 $ip_port rejected"; do
      read -r leaf name port wanted <<<"$case"
      got=$("by_$client" "$leaf" "$name" "$port")
      what="$client, $whose root: our leaf for $name is $wanted"
      if [ "$got" = "$wanted" ]; then ok "$what"; else bad "$what" "${got:-no answer}"; fi
    done
  done
  kill "$server" 2>/dev/null || true
  server=
done
