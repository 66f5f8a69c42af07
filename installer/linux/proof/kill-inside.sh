#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# kill-cycles.sh's part inside the machine, whose first process it is: "kill -9 -1" spares nobody else. kill-inside.sh ROUNDS SEED
set -u
rounds=$1
RANDOM=$2
export DEBIAN_FRONTEND=noninteractive
t=/proof/work
mkdir -p $t
p=/proof/packages
bad() { printf 'FAIL %s\n' "$1"; failed=1; }
failed=0
sh /proof/scripts/snapshot.sh >$t/before

# Whatever points browsers here is an address of a PAC file, which a browser passes over when nobody answers; nothing names a fixed proxy.
no_dead_proxy() {
  local found
  found=$(grep -rlE '"ProxyServer"|fixed_servers|^mode=.manual|^(https?|HTTPS?)_(proxy|PROXY)=' /etc/chromium /etc/opt /etc/environment /etc/profile.d /etc/firefox /etc/dconf 2>/dev/null)
  [ -z "$found" ] || bad "$1: a fixed proxy in $found"
}
# Every certificate of ours in a store is one that the ledger knows how to take back.
no_orphan() {
  local certificate
  for certificate in /usr/local/share/ca-certificates/chaperone-*; do
    [ -e "$certificate" ] || continue
    grep -qs "$certificate" /var/lib/chaperone-undo/ledger.jsonl || bad "$1: $certificate is in no ledger"
  done
  local database nickname
  for database in /home/alice/.pki/nssdb /home/alice/.mozilla/firefox/made-up.default; do
    for nickname in $(runuser -u alice -- certutil -L -d "sql:$database" 2>/dev/null | sed -n 's/^\(chaperone-[^ ]*\) .*/\1/p'); do
      grep -s '"kind":"nss"' /var/lib/chaperone-undo/ledger.jsonl | grep "$database" | grep -q "$nickname" || bad "$1: $nickname in $database is in no ledger"
    done
  done
}
# A ledger is lines of JSON, but for a last line that was being written.
readable() {
  [ -f /var/lib/chaperone-undo/ledger.jsonl ] || return 0
  head -c "$(($(wc -c </var/lib/chaperone-undo/ledger.jsonl)))" /var/lib/chaperone-undo/ledger.jsonl | sed '$d' | grep -qv '^{.*}$' && bad "$1: the ledger cannot be read"
  if [ -x /opt/chaperone/bin/chaperone ] && dpkg -s chaperone 2>/dev/null | grep -q '^Status: install ok'; then
    chaperone machine status >/dev/null 2>$t/status.err || bad "$1: $(cat $t/status.err)"
  fi
}

# How long the actions take here, ms: a moment after the end kills nothing.
milliseconds() {
  local begun
  begun=$(date +%s%N)
  "$@" >$t/prepare.out 2>&1 || bad "$*: $(tail -1 $t/prepare.out)"
  echo $((($(date +%s%N) - begun) / 1000000))
}
install=$(milliseconds dpkg -i $p/chaperone_0.1.0_amd64.deb)
upgrade=$(milliseconds dpkg -i $p/chaperone_0.1.1_amd64.deb)
remove=$(milliseconds dpkg -P chaperone)
killed=0

for round in $(seq "$rounds"); do
  case $((RANDOM % 4)) in
    0) action='install' command="dpkg -i $p/chaperone_0.1.0_amd64.deb" ;;
    1) action='upgrade' command="dpkg -i $p/chaperone_0.1.1_amd64.deb" ;;
    2) action='remove' command='dpkg -r chaperone' ;;
    3) action='purge' command='dpkg -P chaperone' ;;
  esac
  if [ $action != install ] && ! dpkg -s chaperone >/dev/null 2>&1; then
    dpkg -i $p/chaperone_0.1.0_amd64.deb >$t/prepare.out 2>&1 || bad "round $round: $(tail -1 $t/prepare.out)"
  fi
  # shellcheck disable=SC2086
  setsid $command >$t/action.out 2>&1 &
  case $action in install) window=$install ;; upgrade) window=$upgrade ;; *) window=$remove ;; esac
  after=$(((RANDOM * 32768 + RANDOM) % window))
  sleep "$(printf '%d.%03d' $((after / 1000)) $((after % 1000)))"
  state=ended
  kill -0 $! 2>/dev/null && state=killed && killed=$((killed + 1))
  kill -9 -1 2>/dev/null
  wait 2>/dev/null
  no_dead_proxy "round $round"
  no_orphan "round $round"
  readable "round $round"
  # An administrator's way back: the package again, or straight to the purge.
  rm -f /var/lib/dpkg/lock* 2>/dev/null
  dpkg --configure -a >$t/configure.out 2>&1
  # Killed while it unpacked, a package can only be installed again (dpkg(1): half-installed, reinst-required): no script of it is there to
  # clean up. Every other time so; and whenever dpkg asks for it.
  if [ $((round % 2)) = 0 ] || dpkg -s chaperone 2>/dev/null | grep -q '^Status: .*reinstreq'; then
    dpkg -i $p/chaperone_0.1.1_amd64.deb >$t/again.out 2>&1 || bad "round $round, $action $state after $after ms: installing again: $(tail -2 $t/again.out)"
    /proof/scripts/unit-exec.sh /lib/systemd/system/chaperone.service $t/service.out || bad "round $round: the service does not start"
    chaperone doctor >$t/doctor.out 2>&1 || bad "round $round, $action $state after $after ms: doctor: $(grep BAD $t/doctor.out; grep chaperone: $t/configure.out $t/again.out; ls -la /home/alice/.pki/nssdb)"
    kill -9 "$(cat /run/chaperone.service.pid)"
    wait 2>/dev/null
  fi
  dpkg --force-remove-reinstreq -P chaperone >$t/purge.out 2>&1 || { bad "round $round, $action $state after $after ms: purge:"; cat $t/purge.out; }
  rm -f /run/chaperone.service.pid
  sh /proof/scripts/snapshot.sh >$t/after
  diff $t/before $t/after >$t/diff || { bad "round $round, $action $state after $after ms: something is left:"; cat $t/diff; cp $t/after $t/before; }
  printf 'ok   round %s: %s %s after %s ms\n' "$round" $action $state $after
done
[ $((killed * 2)) -ge "$rounds" ] || bad "only $killed of $rounds rounds were killed before their end"
echo "done $rounds, $killed of them killed"
exit $failed
