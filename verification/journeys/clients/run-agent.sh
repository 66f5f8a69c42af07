#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Starts the agent against the stand-in and takes the variables that `chaperone env` prints. Sourced with $WORK and $POLICY set;
# sets AGENT_PID, AGENT_CA, AGENT_ADDRESS, AGENT_DATA. Every name is sent to the stand-in: nothing leaves this machine.
AGENT_DATA=$WORK/agent
mkdir -p "$AGENT_DATA"
"$CHAPERONE" run --listen 127.0.0.1:0 --no-ui --data-dir "$AGENT_DATA" --policy "$POLICY" \
  --connect-to "::127.0.0.1:$UPSTREAM_PORT" --upstream-ca "$UPSTREAM_CA" >"$WORK/agent.out" 2>"$WORK/agent.err" </dev/null &
AGENT_PID=$!
await "$WORK/agent.out" '^chaperone: ready' "$AGENT_PID" || die "the agent did not start: $(tail -3 "$WORK/agent.err")"
AGENT_ADDRESS=$(sed -n 's/^chaperone: ready on \([^ ]*\) ca=.*$/\1/p' "$WORK/agent.out")
AGENT_CA=$(sed -n 's/^chaperone: ready on [^ ]* ca=//p' "$WORK/agent.out")
eval "$("$CHAPERONE" env --data-dir "$AGENT_DATA")"
# What is tunnelled shows the stand-in's own certificate: its CA plays the part of the public ones.
cat "$SSL_CERT_FILE" "$UPSTREAM_CA" >"$WORK/bundle.pem"
cat "$NODE_EXTRA_CA_CERTS" "$UPSTREAM_CA" >"$WORK/node-extra.pem"
for name in SSL_CERT_FILE CURL_CA_BUNDLE REQUESTS_CA_BUNDLE GIT_SSL_CAINFO PIP_CERT AWS_CA_BUNDLE; do export "$name=$WORK/bundle.pem"; done
export NODE_EXTRA_CA_CERTS=$WORK/node-extra.pem
