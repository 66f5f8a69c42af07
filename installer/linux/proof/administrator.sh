#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What an administrator has on a machine already, and does to the package: an account, a group or a configuration of that name stays
# what it was, and a purge with the agent alive leaves none. As root; needs debootstrap and unshare; four minutes.
# Usage: administrator.sh [PACKAGE.deb|PACKAGE.rpm] …: other packages; those of before this script fail.
set -u
if [ "${1:-}" != inside ]; then
  here=$(cd "$(dirname "$0")" && pwd)
  . "$here/machine.sh"
  [ "$(id -u)" = 0 ] || { echo 'administrator.sh: root makes namespaces and chroots; run it as root' >&2; exit 3; }
  for tool in debootstrap unshare; do command -v $tool >/dev/null || { echo "administrator.sh: $tool is missing" >&2; exit 3; }; done
  machine_base || { echo 'administrator.sh: no Debian could be made' >&2; exit 3; }
  [ $# != 0 ] || set -- "$here"/../../target/chaperone_0.1.0_*.deb "$here"/../../target/chaperone-0.1.0-*.rpm
  work=$(mktemp -d "${TMPDIR:-/tmp}/chaperone-administrator.XXXXXX")
  trap 'rm -rf --one-file-system "$work"' EXIT
  failed=0
  for package; do
    [ -f "$package" ] || { echo "administrator.sh: no $package; run build-packages.sh --version 0.1.0" >&2; exit 3; }
    rm -rf --one-file-system "$work/machine"
    machine_new "$work/machine" || { echo 'administrator.sh: no fresh machine' >&2; exit 3; }
    MACHINE_BINDS="$here:/proof/scripts $here/../../../docs:/proof/docs $(cd "$(dirname "$package")" && pwd):/proof/packages" \
      machine_run "$work/machine" /bin/bash /proof/scripts/administrator.sh inside "${package##*.}" "/proof/packages/$(basename "$package")" | tee "$work/out"
    grep -q '^done$' "$work/out" && ! grep -q '^FAIL' "$work/out" || failed=1
  done
  exit $failed
fi

kind=$2 package=$3
ok() { printf 'ok   %s\n' "$1"; }
bad() { printf 'FAIL %s\n' "$1"; }
check() { if [ "$2" = "$3" ]; then ok "$kind: $1"; else bad "$kind: $1: expected '$3', was '$2'"; fi; }
unit=/lib/systemd/system/chaperone.service
# Nobody answers a question: as an unattended installation.
if [ "$kind" = deb ]; then
  put() { DEBIAN_FRONTEND=noninteractive dpkg -i "$package" </dev/null >/tmp/install.out 2>&1; }
  gone() { dpkg -P chaperone </dev/null >/tmp/remove.out 2>&1; }
else
  unit=/usr$unit
  put() { rpm -U --nodeps --ignoreos --ignorearch "$package" </dev/null >/tmp/install.out 2>&1; }
  gone() { rpm -e --nodeps chaperone </dev/null >/tmp/remove.out 2>&1; }
fi
nothing() { ls -d /opt/chaperone /var/lib/chaperone /usr/bin/chaperone 2>/dev/null; } # of ours is there
account() { getent passwd chaperone; getent group chaperone; }

useradd -m -u 1042 -s /bin/bash chaperone
echo mine >/home/chaperone/thesis.txt
sh /proof/scripts/snapshot.sh >/tmp/before
put
check "a person's account of that name: refused" "$([ $? = 0 ] && echo installed || echo refused), $(grep -c "^chaperone: the account 'chaperone' (uid 1042" /tmp/install.out) line" 'refused, 1 line'
gone
sh /proof/scripts/snapshot.sh >/tmp/after
check 'and nothing of it changed' "$(diff /tmp/before /tmp/after)" ''
getent passwd chaperone >/dev/null && userdel -r chaperone 2>/dev/null
groupdel chaperone 2>/dev/null

groupadd -g 1050 chaperone
put
check 'a group of that name: installs' "$? $(id -gn chaperone)" '0 chaperone'
gone
check 'and the group stays, the account does not' "$(account)" 'chaperone:x:1050:'
groupdel chaperone 2>/dev/null

useradd -r -u 432 -U -M -d /nonexistent -s /usr/sbin/nologin -c 'Made by the fleet' chaperone
before=$(account)
put
check "an administrator's system account: installs" "$? $(stat -c %U /var/lib/chaperone)" '0 chaperone'
gone
check 'and it stays' "$(account)" "$before"
userdel chaperone 2>/dev/null

put
/proof/scripts/unit-exec.sh $unit /tmp/service.out >/dev/null
pid=$(cat /run/chaperone.service.pid)
check 'an agent runs' "$(stat -c %U "/proc/$pid")" chaperone
gone
check 'removed with the agent alive' "$? $(sed -n 's/^State:[^A-Z]*[^ZX] /alive /p' "/proc/$pid/status" 2>/dev/null)" '0 '
check 'neither account nor group is left' "$(account)" ''
kill -KILL "$pid" 2>/dev/null
rm -f /run/chaperone.service.pid

# Somebody's program has the port: said who, to root which.
[ -n "$(account)" ] || put
runuser -u bob -- perl -MIO::Socket::INET -e 'my $s = IO::Socket::INET->new(LocalAddr => "127.0.0.1:8421", Listen => 5, ReuseAddr => 1) or die; while (my $c = $s->accept) { close $c }' &
for _ in $(seq 50); do pgrep -u bob perl >/dev/null && break; sleep 0.1; done
sleep 1
taken=$(pgrep -u bob perl)
check 'a taken port: doctor tells root by whom' "$(chaperone doctor | grep -c "^BAD .*127.0.0.1:8421 is taken by .*perl.*, process $taken of bob")" 1
check 'and a user whose it is' "$(runuser -u alice -- env HOME=/home/alice chaperone doctor | grep -c '^BAD .*127.0.0.1:8421 is taken by a program of bob')" 1
kill "$taken"

# A golden image, sealed as docs/deploy.md says; each computer then makes a root of its own at its first start.
[ -n "$(account)" ] || put
sealed=$(sed -n 's/^image# //p' /proof/docs/deploy.md | grep -v '^systemctl')
check 'deploy.md says how to seal an image' "$(printf '%s\n' "$sealed" | grep -c .)" 2
image=$(openssl x509 -in /etc/chaperone/ca.pem -noout -fingerprint)
bash -e -c "$sealed" >/tmp/seal.out 2>&1
check 'sealed: no key and no root is in the image' "$? $(ls -A /var/lib/chaperone; ls /etc/chaperone/ca.pem /usr/local/share/ca-certificates/chaperone-* /var/lib/chaperone-undo 2>/dev/null)" '0 '
for computer in one two; do
  /proof/scripts/unit-exec.sh $unit /tmp/service.out >/dev/null
  chaperone machine repair >/tmp/repair.out 2>&1
  check "first start of computer $computer" "$? $(chaperone doctor >/tmp/doctor.out; echo $?)" '0 0'
  mine=$(openssl x509 -in /etc/chaperone/ca.pem -noout -fingerprint)
  check 'its root is its own' "$([ "$mine" != "$image" ] && echo yes)" yes
  image=$mine
  kill -KILL "$(cat /run/chaperone.service.pid)"
  rm -f /run/chaperone.service.pid
  [ $computer = two ] || bash -e -c "$sealed" >/tmp/seal.out 2>&1
done
gone

[ -n "$(account)" ] || put
runuser -u chaperone -- sleep 600 &
for _ in $(seq 50); do pgrep -u chaperone >/dev/null && break; sleep 0.1; done
gone
check 'something else under the account: said, and left alone' "$? $(grep -c "^chaperone: the account 'chaperone' stays" /tmp/remove.out) $(pgrep -c -u chaperone)" '0 1 1'
pkill -u chaperone
wait 2>/dev/null
userdel chaperone

put
if [ "$kind" = rpm ]; then
  echo '# mine' >>/etc/chaperone/config.yaml
  gone
  check 'an edited configuration is kept as rpm says' "$(ls /etc/chaperone) $(tail -n 1 /etc/chaperone/config.yaml.rpmsave)" 'config.yaml.rpmsave # mine'
  rm -rf /etc/chaperone
else
  rm /etc/chaperone/config.yaml
  put
  check 'a configuration that is gone is put back' "$? $(grep -c '^socket-for' /etc/chaperone/config.yaml)" '0 1'
  dpkg -r chaperone >/dev/null 2>&1
  check 'removal keeps the configuration, and events and root' "$(ls /etc/chaperone/config.yaml /var/lib/chaperone/ca.pem | wc -l)" 2
  gone
fi
check 'nothing is left' "$(nothing; ls -d /etc/chaperone 2>/dev/null; account)" ''
echo 'done'
