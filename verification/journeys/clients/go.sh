#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A client of Go's standard library, HTTP/1.1 and HTTP/2.
. "$(dirname "$0")/lib.sh"
. "$CLIENTS/go-build.sh"
private_home go
SENT_KNOWN=yes
go_client=$(go_build go)

ask() { timeout "$TURN_LIMIT" "$go_client" "$WAY" "$1"; }

for WAY in http1 http2; do three_turns "go-$WAY"; done
