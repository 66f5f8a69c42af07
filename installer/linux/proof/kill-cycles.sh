#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Twenty rounds of install, upgrade and removal on a fresh Debian, everything killed (SIGKILL) at a seeded moment of each: never a dead
# proxy, never an orphan certificate, never a state that cannot be read. Usage: kill-cycles.sh [ROUNDS] [SEED]     as root
set -u
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
. "$here/machine.sh"
[ "$(id -u)" = 0 ] || { echo 'kill-cycles.sh: root makes namespaces and chroots; run it as root' >&2; exit 3; }
machine_base || { echo 'kill-cycles.sh: no Debian could be made' >&2; exit 3; }
packages=$root/installer/target
for version in 0.1.0 0.1.1; do
  [ -f "$packages/chaperone_${version}_amd64.deb" ] || "$here/../build-packages.sh" --version $version deb >/dev/null || exit 3
done
work=$(mktemp -d "${TMPDIR:-/tmp}/chaperone-kill.XXXXXX")
trap 'rm -rf --one-file-system "$work"' EXIT
machine_new "$work/machine" || exit 3
export MACHINE_BINDS="$here:/proof/scripts $packages:/proof/packages"
machine_run "$work/machine" /bin/bash /proof/scripts/kill-inside.sh "${1:-20}" "${2:-1}" | tee "$work/out"
[ "${PIPESTATUS[0]}" = 0 ] && grep -q '^done' "$work/out" && ! grep -q '^FAIL' "$work/out"
