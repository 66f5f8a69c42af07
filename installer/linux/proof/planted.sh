#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The service's account, taken over: it plants links, second names and pipes in its folder, also while root's commands run; /etc/shadow
# stays as it is, commands name what they found, and the package can still be removed. As root; needs debootstrap and unshare; two
# minutes. Usage: planted.sh [PACKAGE.deb]: another package; one of before ADR 0025 fails.
set -u
if [ "${1:-}" != inside ]; then
  here=$(cd "$(dirname "$0")" && pwd)
  . "$here/machine.sh"
  [ "$(id -u)" = 0 ] || { echo 'planted.sh: root makes namespaces and chroots; run it as root' >&2; exit 3; }
  for tool in debootstrap unshare; do command -v $tool >/dev/null || { echo "planted.sh: $tool is missing" >&2; exit 3; }; done
  machine_base || { echo 'planted.sh: no Debian could be made' >&2; exit 3; }
  package=${1:-$(ls "$here"/../../target/chaperone_0.1.0_*.deb 2>/dev/null | head -1)}
  [ -f "$package" ] || { echo 'planted.sh: no package; run build-packages.sh --version 0.1.0 deb' >&2; exit 3; }
  work=$(mktemp -d "${TMPDIR:-/tmp}/chaperone-planted.XXXXXX")
  trap 'rm -rf --one-file-system "$work"' EXIT
  machine_new "$work/machine" || { echo 'planted.sh: no fresh machine' >&2; exit 3; }
  MACHINE_BINDS="$here:/proof/scripts $(cd "$(dirname "$package")" && pwd):/proof/packages" \
    machine_run "$work/machine" /bin/bash /proof/scripts/planted.sh inside "/proof/packages/$(basename "$package")" | tee "$work/out"
  grep -q '^done$' "$work/out" && ! grep -q '^FAIL' "$work/out"
  exit
fi

ok() { printf 'ok   %s\n' "$1"; }
bad() { printf 'FAIL %s\n' "$1"; }
check() { if [ "$2" = "$3" ]; then ok "$1"; else bad "$1: expected '$3', was '$2'"; fi; }
data=/var/lib/chaperone
account() { runuser -u chaperone -- "$@"; }
# What must not change; what root would make through a link; modes of what a chmod would hit.
outside() { stat -c '%n %a %U:%G' /etc/shadow /etc /root; stat -c '%h %s %Y' /etc/shadow; sha256sum /etc/shadow; ls -A /root; }

dpkg -i "$2" >/tmp/install.out 2>&1
check 'the package installs' $? 0
chaperone events --lifecycle --accept-break >/dev/null 2>&1
chaperone events >/dev/null 2>&1
check 'what root made is the account'"'"'s' "$(find $data ! -user chaperone -o ! -group chaperone)" ''

# Planted before: each command ends 3 (doctor 1) with one line that names it.
refused() { # WHAT PLACE
  local before out status expected command
  before=$(outside)
  for command in 'machine repair' 'ca status' 'events --lifecycle --accept-break' 'ledger --forget' 'doctor'; do
    # shellcheck disable=SC2086 # words
    out=$(timeout 20 chaperone $command 2>&1 </dev/null)
    status=$? expected=3
    [ "$command" = doctor ] && expected=1
    check "$1: $command" "$status, $(printf '%s\n' "$out" | wc -l) line, $(printf '%s' "$out" | grep -c "$2")" "$expected, 1 line, 1"
  done
  check "$1: nothing outside changed" "$(outside)" "$before"
}
account ln -s /etc/shadow $data/ca.pem.new
refused 'a link in the way of a file' ca.pem.new
account rm -f $data/ca.pem.new
account mv $data/keys $data/keys.away
account ln -s /etc $data/keys
refused 'a link in place of the folder of keys' keys
account rm -f $data/keys
account mv $data/keys.away $data/keys
account rm -f $data/lifecycle.lock
account ln -s /root/made $data/lifecycle.lock
refused 'a link to what is not there yet' lifecycle.lock
account rm -f $data/lifecycle.lock
account mv $data/ca.pem $data/kept
account mkfifo $data/ca.pem
refused 'a pipe' ca.pem
account rm -f $data/ca.pem
account mv $data/kept $data/ca.pem
ln /etc/shadow $data/notes # as a kernel without protected_hardlinks lets the account
refused 'a second name' notes
rm $data/notes
chaperone machine repair >/tmp/repair.out 2>&1
check 'all removed: repair' $? 0

# Planted while root is at work: nothing but the account's rights is left then.
before=$(outside)
# shellcheck disable=SC2016 # for the other shell
printf '%s\n' 'echo $$ >/tmp/planter; while :; do' \
  'for f in ca.pem ca.pem.new device-root.pem lifecycle.jsonl lifecycle.lock keys/lifecycle-head keys/device-root-key; do' \
  'ln -sfn /etc/shadow '$data'/$f; rm -f '$data'/$f; done' \
  'mv '$data'/keys '$data'/k 2>/dev/null; ln -sfn /etc '$data'/keys; rm -f '$data'/keys; mv '$data'/k '$data'/keys; done' >/tmp/plant.sh
account sh /tmp/plant.sh 2>/dev/null &
for _ in 1 2 3 4 5 6; do
  for command in 'machine repair' 'ca status' 'events --lifecycle --accept-break'; do
    # shellcheck disable=SC2086 # words
    timeout 20 chaperone $command >/dev/null 2>&1 </dev/null
  done
done
kill -KILL "$(cat /tmp/planter)"
wait 2>/dev/null
check 'planted while root is at work: nothing outside changed' "$(outside)" "$before"

# Test options and an agent as root in that folder.
rm -rf $data/keys && account ln -s /etc $data/keys
for option in --connect-to=a.test:443:127.0.0.1:1 --upstream-ca=/etc/ssl/cert.pem --service=/tmp/x.json; do
  out=$(timeout 20 chaperone run --no-ui --listen 127.0.0.1:0 --data-dir $data/../chaperone $option 2>&1)
  check "the installed service refuses ${option%%=*}" "$?, $(printf '%s\n' "$out" | grep -c "^chaperone: ${option%%=*} .*installed service")" '2, 1'
done
out=$(timeout 20 chaperone run --no-ui --listen 127.0.0.1:0 --data-dir $data 2>&1)
check 'root runs no agent there' "$?, $(printf '%s\n' "$out" | grep -c "belongs to 'chaperone'")" '3, 1'

# It must not be able to stay: the removal says what it could not record (the race above may have left a link too), and removes all the same.
before=$(outside)
dpkg -r chaperone >/tmp/remove.out 2>&1
check 'removal' "$?, $(grep -c 'not recorded: .* is a link' /tmp/remove.out)" '0, 1'
check 'removal: nothing outside changed' "$(outside)" "$before"
dpkg -P chaperone >/tmp/purge.out 2>&1
check 'purge' "$?, $(ls -d $data /etc/chaperone /opt/chaperone /var/lib/chaperone-undo 2>/dev/null)" '0, '
echo 'done'
