#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Starts the stand-in: its CA, its certificate, its log. Sourced with $WORK set; sets UPSTREAM_PORT, UPSTREAM_PID, UPSTREAM_CA,
# UPSTREAM_LOG and UPSTREAM_FILES.
UPSTREAM_CA=$WORK/upstream/ca.pem
UPSTREAM_LOG=$WORK/upstream/log.jsonl
UPSTREAM_FILES=$WORK/upstream/files

make_upstream_certificates() {
  local dir=$WORK/upstream names='' name
  mkdir -p "$dir" "$UPSTREAM_FILES"
  for name in localhost api.openai.com api.anthropic.com generativelanguage.googleapis.com cloudcode-pa.googleapis.com \
    chatgpt.com ab.chatgpt.com api.github.com api.githubcopilot.com api.individual.githubcopilot.com \
    telemetry.business.githubcopilot.com telemetry.individual.githubcopilot.com \
    api.mistral.ai api.groq.com api.cohere.com api.together.xyz play.googleapis.com \
    slack.com bank.test git.test npm.test pypi.test; do
    names="$names,DNS:$name"
  done
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj '/CN=Journeys stand-in CA' \
    -addext 'basicConstraints=critical,CA:TRUE' -addext 'keyUsage=critical,keyCertSign,cRLSign' \
    -keyout "$dir/ca.key" -out "$UPSTREAM_CA" 2>/dev/null
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj '/CN=stand-in' -keyout "$dir/key.pem" -out "$dir/csr.pem" 2>/dev/null
  printf 'subjectAltName=IP:127.0.0.1%s\nbasicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\nauthorityKeyIdentifier=keyid\nsubjectKeyIdentifier=hash\n' \
    "$names" >"$dir/ext"
  openssl x509 -req -in "$dir/csr.pem" -CA "$UPSTREAM_CA" -CAkey "$dir/ca.key" -CAcreateserial -days 2 -extfile "$dir/ext" -out "$dir/leaf.pem" 2>/dev/null
  cat "$dir/leaf.pem" "$UPSTREAM_CA" >"$dir/chain.pem"
}

make_upstream_certificates
: >"$UPSTREAM_LOG"
"$NODE" "$CLIENTS/upstream/server.mjs" --cert "$WORK/upstream/chain.pem" --key "$WORK/upstream/key.pem" --log "$UPSTREAM_LOG" \
  --files "$UPSTREAM_FILES" >"$WORK/upstream/stdout" 2>"$WORK/upstream/stderr" &
UPSTREAM_PID=$!
await "$WORK/upstream/stdout" '^ready' "$UPSTREAM_PID" || die "the stand-in did not start: $(cat "$WORK/upstream/stderr")"
UPSTREAM_PORT=$(sed -n 's/^ready //p' "$WORK/upstream/stdout")
