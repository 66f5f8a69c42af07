#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The life of an installed agent on a fresh Debian: install, doctor, a prompt of Claude Code redacted, upgrade keeps state, purge
# leaves nothing. Usage: install.sh [deb|rpm] [--prove]      as root; needs debootstrap, unshare, and the npm clients of
# verification/journeys/clients/setup.sh. Ends 1 when a check fails. --prove: with a root taken out of a user's database, a policy that
# lets everything pass, and a ledger that lost its first half; the checks of all three must fail; ends 2 when one held. What needs a running systemd: ../../README.md.
set -u
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
kind=${1:-deb}
. "$here/machine.sh"
failed=0
ok() { printf 'ok   %s\n' "$1"; }
bad() { printf 'FAIL %s\n' "$1"; failed=1; }
check() { if [ "$2" = "$3" ]; then ok "$1"; else bad "$1: expected '$3', was '$2'"; fi; }
[ "$(id -u)" = 0 ] || { echo 'install.sh: root makes namespaces and chroots; run it as root' >&2; exit 3; }
for tool in debootstrap unshare setpriv ip; do command -v $tool >/dev/null || { echo "install.sh: $tool is missing" >&2; exit 3; }; done
clients=${CLIENTS_NPM:-${XDG_CACHE_HOME:-$HOME/.cache}/chaperone-clients/npm}
[ -x "$clients/node_modules/.bin/claude" ] || { echo 'install.sh: no Claude Code; run verification/journeys/clients/setup.sh' >&2; exit 3; }

machine_base || { echo 'install.sh: no Debian could be made' >&2; exit 3; }
packages=$root/installer/target
one=$(ls "$packages"/chaperone[_-]0.1.0[_-]*."$kind" 2>/dev/null | head -1)
two=$(ls "$packages"/chaperone[_-]0.1.1[_-]*."$kind" 2>/dev/null | head -1)
[ -n "$one" ] || { "$here/../build-packages.sh" --version 0.1.0 "$kind" >/dev/null || exit 3; }
[ -n "$two" ] || { "$here/../build-packages.sh" --version 0.1.1 "$kind" >/dev/null || exit 3; }
one=$(ls "$packages"/chaperone[_-]0.1.0[_-]*."$kind" | head -1)
two=$(ls "$packages"/chaperone[_-]0.1.1[_-]*."$kind" | head -1)

work=$(mktemp -d "${TMPDIR:-/tmp}/chaperone-install.XXXXXX")
trap 'rm -rf --one-file-system "$work"' EXIT
machine_new "$work/machine" || { bad 'a fresh machine'; exit 1; }
mkdir "$work/jdk"
cp "$root/jpackage/target/image/chaperone/lib/runtime/lib/security/cacerts" "$work/jdk/cacerts" || exit 3
export MACHINE_BINDS="$here:/proof/scripts $here/../files:/proof/files $packages:/proof/packages $root/policies:/proof/policies $root/verification/journeys/clients:/proof/clients $clients:/proof/npm $work/jdk:/proof/jdk"
# Results come out by one folder of the machine that is no part of it.
machine_run "$work/machine" /bin/bash /proof/scripts/inside.sh "$kind" "/proof/packages/$(basename "$one")" "/proof/packages/$(basename "$two")" "${2:-}" | tee "$work/out"
[ "${PIPESTATUS[0]}" = 0 ] || failed=1
grep -q '^done$' "$work/out" || bad 'the proof did not reach its end'
grep -q '^FAIL' "$work/out" && failed=1
if [ "${2:-}" = --prove ]; then
  for name in 'doctor, as root' "and in a user's NSS databases" 'the key did not leave' 'its placeholder did' 'and an event says so' \
    'alice is shown her own' 'something is left'; do
    grep -qF "FAIL $name" "$work/out" || { echo "install.sh: '$name' held for a broken product" >&2; failed=2; }
  done
fi
exit $failed
