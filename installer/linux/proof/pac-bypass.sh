#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A company's bypass lists (Chromium ProxyBypassList, Firefox Passthrough, GNOME ignore-hosts) against the PAC files that the installer
# makes of them: what Chromium itself, Firefox itself and GIO's resolver do with the list is what the PAC file answers, in their own PAC
# engines too. Needs node, chromium, python3 with python3-gi, Maven; takes Firefox (FIREFOX=…) and Duktape's duk when they are there.
# Usage: pac-bypass.sh [--prove]. Ends 1 when an answer differs. --prove: with PAC files that leave the list out; it must end 1.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
node=${NODE:-$(command -v node || echo "${XDG_CACHE_HOME:-$HOME/.cache}/chaperone-clients/npm/node_modules/node/bin/node")}
[ -x "$node" ] || { echo 'pac-bypass.sh: node is missing' >&2; exit 3; }
command -v "${CHROMIUM:-chromium}" >/dev/null || { echo 'pac-bypass.sh: chromium is missing' >&2; exit 3; }
/usr/bin/python3 -c 'from gi.repository import Gio' 2>/dev/null || { echo 'pac-bypass.sh: python3-gi is missing' >&2; exit 3; }
FIREFOX=${FIREFOX:-$(command -v firefox-esr || command -v firefox || true)}
DUK=${DUK:-$(command -v duk || true)}

"$root/chaperone" --version >/dev/null # the libraries
java=
for home in "${CHAPERONE_JAVA_HOME:-}" "${JAVA_HOME:-}" /usr/lib/jvm/*; do
  if grep -q '^JAVA_VERSION="25[."]' "$home/release" 2>/dev/null; then java=$home && break; fi
done
JAVA_HOME=$java mvn -B -q -f "$root/pom.xml" -Dspotless.check.skip=true -pl installer -am test-compile </dev/null >&2
work=$(mktemp -d "${TMPDIR:-/tmp}/chaperone-bypass.XXXXXX")
trap 'rm -rf "$work"' EXIT
export FIREFOX DUK CHAPERONE=$root/chaperone
export PACS="$java/bin/java -cp $root/installer/target/classes:$root/installer/target/test-classes:$root/agent-core/target/lib/* dev.chaperone.installer.ChainedPacs"
"$node" "$here/pac-bypass.mjs" "$work" "${1:-}"
