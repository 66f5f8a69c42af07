#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A kit of a real server, read by programs that did not write it: profiles by Python's plistlib, scripts by shellcheck, certificates by openssl,
# the registry files by wine's registry editor, there and back. About 30 s; needs python3, openssl, shellcheck, wine.
# --break: damages the kit first; it must then end with 1.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
for tool in python3 openssl shellcheck wine; do command -v $tool >/dev/null || { echo "mdm-kit-proof: $tool is missing" >&2; exit 3; }; done
"$root/chaperone" --version >/dev/null # builds when a source is newer
work=$(mktemp -d)
server=
clean() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  WINEPREFIX=$work/wine wineserver -k 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap clean EXIT
failed=0 passed=0
check() { # WHAT COMMAND …
  local what=$1
  shift
  if "$@" >"$work/check" 2>&1; then passed=$((passed + 1)); echo "ok    $what"; else failed=$((failed + 1)); echo "FAIL  $what"; tail -5 "$work/check" | sed 's/^/      /'; fi
}
"$root/chaperone" server --data-dir "$work/data" --listen 127.0.0.1:0 --agents-listen 127.0.0.1:0 >"$work/server.out" 2>&1 &
server=$!
for _ in $(seq 600); do grep -q '^enrolment token' "$work/server.out" && break; sleep 0.1; done
pac="http://127.0.0.1:8421/proxy.pac?a='b'&c=\$(d)%22"
"$root/chaperone" admin mdm-kit --data-dir "$work/data" --output "$work/kit" --group 'R&D' --pac-url "$pac" >/dev/null
if [ "${1:-}" = --break ]; then
  sed -i '0,/<\/dict>/s///' "$work"/kit/macos/*.mobileconfig
  for file in "$work"/kit/*/*.sh; do echo 'if' >>"$file"; done
  printf 'x' | dd of="$work/kit/root.cer" bs=1 conv=notrunc status=none
  sed -i 's/P\x00r\x00o\x00x\x00y\x00S/Q\x00r\x00o\x00x\x00y\x00S/' "$work/kit/windows/browsers.reg"
fi

for profile in "$work"/kit/macos/*.mobileconfig; do
  check "plistlib reads $(basename "$profile")" python3 - "$profile" "$work/kit/root.cer" "$pac" <<'PY'
import plistlib, re, sys
p = plistlib.load(open(sys.argv[1], "rb"))
assert p["PayloadType"] == "Configuration" and "(R&D)" in p["PayloadDisplayName"], p["PayloadDisplayName"]
for x in [p, *p["PayloadContent"]]:
    assert x["PayloadVersion"] == 1 and x["PayloadIdentifier"] and re.fullmatch("[0-9A-F-]{36}", x["PayloadUUID"])
kinds = {x["PayloadType"]: x for x in p["PayloadContent"]}
if "com.apple.security.root" in kinds:
    assert kinds["com.apple.security.root"]["PayloadContent"] == open(sys.argv[2], "rb").read()
if "com.google.Chrome" in kinds:
    assert kinds["com.google.Chrome"]["ProxySettings"] == {"ProxyMode": "pac_script", "ProxyPacUrl": sys.argv[3]}
PY
done
check 'shellcheck finds nothing in the scripts' shellcheck "$work"/kit/macos/*.sh "$work"/kit/linux/*.sh
check 'openssl reads root.cer' openssl x509 -inform DER -in "$work/kit/root.cer" -noout
check 'openssl reads root.pem' openssl x509 -in "$work/kit/root.pem" -noout

export WINEPREFIX=$work/wine WINEDEBUG=-all WINEDLLOVERRIDES='mscoree,mshtml='
wine wineboot -i >/dev/null 2>&1 || true
value() { wine reg query "HKLM\\Software\\Policies\\$1" /v "$2" 2>/dev/null | tr -d '\r' | sed -n "s/^ *$2  *REG_[A-Z]*  *//p"; }
holds() { local found; found=$(value "$1" "$2"); [ "$found" = "$3" ] || { echo "$2: '$found', not '$3'"; return 1; }; }
proxy="{\"ProxyMode\":\"pac_script\",\"ProxyPacUrl\":\"$pac\"}"
check 'the registry editor takes browsers.reg' wine regedit /S "$work/kit/windows/browsers.reg"
check 'Chrome has its PAC' holds 'Google\Chrome' ProxySettings "$proxy"
check 'Edge has its PAC' holds 'Microsoft\Edge' ProxySettings "$proxy"
check 'Edge does without QUIC' holds 'Microsoft\Edge' QuicAllowed 0x0
check 'Firefox has its PAC' holds 'Mozilla\Firefox\Proxy' AutoConfigURL "$pac"
check 'Firefox trusts the store' holds 'Mozilla\Firefox\Certificates' ImportEnterpriseRoots 0x1
wine regedit /S "$work/kit/windows/browsers-undo.reg"
check 'browsers-undo.reg takes it back' holds 'Google\Chrome' ProxySettings ''
echo "mdm-kit: $passed passed, $failed failed"
[ "$failed" = 0 ]
