#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Signs one file with the certificate that release.yml put into RUNNER_TEMP. Usage: sign-windows.sh FILE
set -euo pipefail
osslsigncode sign -pkcs12 "$RUNNER_TEMP/sign.pfx" -readpass "$RUNNER_TEMP/sign.pass" -h sha256 -n Chaperone -ts http://timestamp.digicert.com -in "$1" -out "$1.signed"
mv "$1.signed" "$1"
