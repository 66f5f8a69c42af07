#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What a stolen intermediate is worth: clients that trust our root accept its leaf for an opened host, and reject its leaves for a
# bank and for an IP address. OpenSSL, curl, Java, Go, Node, NSS, Chromium.
. "$(dirname "$0")/lib.sh"
. "$CLIENTS/go-build.sh"
. "$CLIENTS/chromium-run.sh"
private_home bank-leaf
unset HTTPS_PROXY https_proxy NODE_USE_ENV_PROXY NODE_EXTRA_CA_CERTS SSL_CERT_FILE CURL_CA_BUNDLE
made=$WORK/bank
java=$(java_home)/bin/java
"$java" -cp "$ROOT/agent-core/target/lib/*" "$CLIENTS/bank/MintLeaves.java" "$made" || die 'the leaves were not made'
"$NODE" "$CLIENTS/bank/server.mjs" "$made" >"$made/stdout" &
server=$!
on_exit 'kill $server 2>/dev/null'
await "$made/stdout" '^ready' "$server" || die 'the server of the leaves did not start'
read -r _ opened_port bank_port ip_port <"$made/stdout"
go_client=$(go_build bank)
trust_in_nss "$made/root.pem" root
for leaf in opened bank ip; do openssl x509 -in "$made/$leaf/leaf.pem" -outform DER -out "$made/$leaf/leaf.der"; done
openssl x509 -in "$made/intermediate.pem" -outform DER -out "$made/intermediate.der"

verdict() { if "$@" >/dev/null 2>&1; then echo accepted; else echo rejected; fi; }
by_openssl() { verdict openssl verify -x509_strict -purpose sslserver -CAfile "$made/root.pem" -untrusted "$made/intermediate.pem" "$made/$1/leaf.pem"; }
by_curl() { verdict curl -sS --max-time 20 --cacert "$made/root.pem" --resolve "$2:$3:127.0.0.1" "https://$2:$3/"; }
by_java() { "$java" "$CLIENTS/bank/JavaClient.java" "$made/root.pem" "$2" "$3"; }
by_go() { "$go_client" "$made/root.pem" "$2" "$3"; }
by_node() { "$NODE" "$CLIENTS/bank/client.mjs" "$made/root.pem" "$2" "$3"; }
by_nss() { verdict vfychain -d "sql:$HOME/.pki/nssdb" -pp -u 1 "$made/$1/leaf.der" "$made/intermediate.der"; }
by_chromium() {
  local page
  page=$(PAC='data:,function%20FindProxyForURL(){return%22DIRECT%22}' RESOLVE='MAP * 127.0.0.1' browse "https://$2:$3/")
  case $page in
    *'page shown'*) echo accepted ;;
    *) if grep -q 'ERR_CERT\|net_error -2[0-9][0-9]' <<<"$page$(cat "$HOME/chromium.err")"; then echo rejected; else echo 'no verdict'; fi ;;
  esac
}

for client in openssl curl java go node nss chromium; do
  for case in "opened api.openai.com $opened_port accepted" "bank bank.test $bank_port rejected" "ip 127.0.0.1 $ip_port rejected"; do
    read -r leaf name port wanted <<<"$case"
    got=$("by_$client" "$leaf" "$name" "$port")
    if [ "$got" = "$wanted" ]; then ok "$client: our leaf for $name is $wanted"; else bad "$client: our leaf for $name is $wanted" "${got:-no answer}"; fi
  done
done
