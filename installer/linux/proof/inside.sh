#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# install.sh's part inside the machine: inside.sh KIND PACKAGE-1 PACKAGE-2 [--prove]
set -u
kind=$1 one=$2 two=$3 prove=${4:-}
t=/proof/work
mkdir -p $t
chmod 755 $t
ok() { printf 'ok   %s\n' "$1"; }
bad() { printf 'FAIL %s\n' "$1"; }
check() { if [ "$2" = "$3" ]; then ok "$1"; else bad "$1: expected '$3', was '$2'"; fi; }
unit=/lib/systemd/system/chaperone.service
[ "$kind" = deb ] || unit=/usr/lib/systemd/system/chaperone.service
put() {
  if [ "$kind" = deb ]; then DEBIAN_FRONTEND=noninteractive dpkg -i "$1"; else rpm -U --nodeps --ignoreos --ignorearch "$1"; fi </dev/null # who installs unattended answers nothing
}
start() { /proof/scripts/unit-exec.sh $unit $t/service.out || bad "the service starts: $(tail -3 $t/service.out)"; }
stop() {
  kill "$(cat /run/chaperone.service.pid)"
  for _ in $(seq 100); do kill -0 "$(cat /run/chaperone.service.pid)" 2>/dev/null || return 0; sleep 0.1; done
  bad 'the service stops within 10 s'
}
as() { runuser -u "$1" -- env HOME="/home/$1" PATH="/proof/npm/node_modules/.bin:/proof/npm/node_modules/node/bin:$PATH" "${@:2}"; }

# The stand-in is the Internet: its CA is one of the system's before anything is installed.
export WORK=$t CLIENTS=/proof/clients NODE=/proof/npm/node_modules/node/bin/node
UPSTREAM_CA=$t/upstream/ca.pem
UPSTREAM_LOG=$t/upstream/log.jsonl
UPSTREAM_FILES=$t/upstream/files
await() { for _ in $(seq 300); do grep -q "$2" "$1" 2>/dev/null && return 0; sleep 0.1; done; return 1; }
die() { bad "$1"; exit 1; }
eval "$(sed -n '/^make_upstream_certificates() {/,/^}/p' /proof/clients/run-upstream.sh)"
make_upstream_certificates
: >$UPSTREAM_LOG
$NODE /proof/clients/upstream/server.mjs --port 443 --cert $t/upstream/chain.pem --key $t/upstream/key.pem --log $UPSTREAM_LOG --files $UPSTREAM_FILES >$t/upstream/stdout 2>$t/upstream/stderr &
await $t/upstream/stdout '^ready' || die "the stand-in did not start: $(tail -2 $t/upstream/stderr)"
cp $UPSTREAM_CA /usr/local/share/ca-certificates/stand-in.crt
update-ca-certificates >/dev/null 2>&1
echo '127.0.0.1 localhost api.anthropic.com statsig.anthropic.com bank.test' >/etc/hosts
# JDKs with keystores of their own, as a tarball leaves them; one is a person's.
for jdk in jdk alices; do install -D -m 0644 /proof/jdk/cacerts /opt/$jdk/lib/security/cacerts; done
chown -R alice:alice /opt/alices
# The deb finds files of others where it puts its keys, and GNOME's settings; the rpm no file, it comes later, and no desktop that we know.
if [ "$kind" = rpm ]; then
  rm /etc/firefox/policies/policies.json /etc/dconf/profile/user
  dconf update
  mv /usr/bin/dconf /usr/bin/dconf.away
fi

sh /proof/scripts/snapshot.sh >$t/before
# A configuration that an administrator laid down before.
install -d /etc/chaperone
{ cat /proof/files/config.yaml; echo 'health: 127.0.0.1:9421'; } >/etc/chaperone/config.yaml
cp /etc/chaperone/config.yaml $t/config.yaml
# A folder that cannot be written: said, all else is done, and a repair makes up for it.
mount --bind /etc/firefox /etc/firefox && mount -o remount,ro,bind /etc/firefox
put "$one" >$t/install.out 2>&1
check "$kind installs" $? 0
check 'what cannot be written is said, by name, and nothing else is left out' "$(grep -E 'NOT DONE|not done' $t/install.out | sed -n 's/^chaperone: firefox-policy: NOT DONE: .*\/etc\/firefox\/policies\/.*Read-only file system.*/named/p;t;p')" named
umount /etc/firefox
chaperone machine repair >$t/repair.out 2>&1
check 'a repair makes up for it' "$? $(grep -c 'NOT DONE' $t/repair.out)" '0 0'
# What runs as a user must not reach the terminal that root sits at: its file of modules may name any library.
mv /usr/bin/certutil /usr/bin/certutil.real
printf '#!/bin/sh\n[ "$(id -u)" = 0 ] || echo "$(id -un) $( (: </dev/tty) 2>/dev/null && echo terminal)" >>%s/users\nexec certutil.real "$@"\n' $t >/usr/bin/certutil
chmod 755 /usr/bin/certutil
install -m 666 /dev/null $t/users
script -qec 'chaperone machine repair' /dev/null >/dev/null
check 'what runs as a user has no terminal' "$(sort -u $t/users | paste -sd,)" 'alice ,bob '
mv /usr/bin/certutil.real /usr/bin/certutil
check 'nobody but root sets the machine up' "$(as bob chaperone machine repair 2>&1; echo $?)" "chaperone: machine changes the whole machine; run it as root
3"
if [ "$kind" = deb ]; then
  enabled() { for link in multi-user.target.wants/chaperone.service timers.target.wants/chaperone-machine.timer paths.target.wants/chaperone-machine.path; do [ ! -L /etc/systemd/system/$link ] || echo on; done | paste -sd' '; }
  check 'service, timer and path are enabled' "$(enabled)" 'on on on'
  check 'GNOME is told of the PAC file' "$(as alice env XDG_RUNTIME_DIR=/tmp dconf read /system/proxy/autoconfig-url) $(as alice env XDG_RUNTIME_DIR=/tmp dconf read /system/proxy/mode)" "'http://127.0.0.1:8421/proxy.pac' 'auto'"
fi
check 'no variable of a proxy in a new terminal' "$(runuser -l alice -c env | grep -ci 'proxy')" 0

# Start-up caches that are of no use are passed over without a word.
cache=/opt/chaperone/lib/app/chaperone.aot
jar=$(ls /opt/chaperone/lib/app/chaperone-agent-core-*.jar)
version=$(chaperone --version)
cp -p $cache $t/cache
touch -r "$jar" $t/jar
quiet() { check "a cache that is $1 is passed over in silence" "$(chaperone --version 2>&1; echo $?)" "$version
0"; }
truncate -s 1000 $cache && quiet 'cut off'
head -c 1000000 /dev/urandom >$cache && quiet 'damaged'
rm $cache && quiet 'gone'
cp -p $t/cache $cache
touch "$jar" && quiet 'of other jars'
touch -r $t/jar "$jar"
rm $t/cache
if [ "$prove" = --prove ]; then
  runuser -u alice -- certutil -D -d sql:/home/alice/.pki/nssdb -n "$(certutil -L -d sql:/home/alice/.pki/nssdb | sed -n 's/^\(chaperone-[^ ]*\) .*/\1/p')"
  printf 'policy: /etc/chaperone/allow-all.yaml\n' >>/etc/chaperone/config.yaml
  cp /proof/policies/allow-all.yaml /etc/chaperone/allow-all.yaml
fi
# As hardened machines have it: in /tmp nothing may run. The libraries lie in the package.
mount -o remount,nosuid,nodev,noexec /tmp
cp /bin/true /tmp/true
check 'nothing runs in /tmp' "$(/tmp/true 2>/dev/null; echo $?)" 126
rm /tmp/true
start
chaperone doctor >$t/doctor.out 2>&1
check 'doctor, as root' $? 0
check 'the native libraries are in use' "$(grep -cE 'TLS by boringssl, transport epoll|pq: yes' $t/doctor.out)" 2
check 'JNA'"'"'s too: it is libpcap that this machine lacks' "$(chaperone capture --read /etc/hostname 2>&1 | grep -c 'libpcap is not installed')" 1
grep -v '^ok' $t/doctor.out
as alice chaperone doctor >$t/doctor.alice 2>&1
check 'doctor, as a user' $? 0
check 'without GTK the interface does not wait for questions' "$(as alice env DISPLAY=:1 timeout 20 chaperone ui 2>&1; echo $?)" "chaperone-ui: no window can be shown: libgtk-3.so.0 is missing; install it (Debian, Ubuntu: libgtk-3-0; Fedora: gtk3). Until then use: chaperone pending, chaperone answer
3"
check 'what is not in the package says so' "$(for command in server report admin demo; do chaperone $command >/dev/null 2>$t/not.out; echo "$? $(grep -c "^chaperone: '$command' is .*not in the agent's package" $t/not.out) $(wc -l <$t/not.out)"; done | sort -u)" '3 1 1'
check 'the configuration that was there is kept, and used' "$(diff $t/config.yaml /etc/chaperone/config.yaml | grep '^[<>]' | grep -vc '^> policy:') $(curl -s -o /dev/null -w '%{http_code}' --noproxy '*' http://127.0.0.1:9421/livez)" '0 200'
check 'a user exports the service'"'"'s root, and gets none of their own' "$(as bob chaperone ca export | cmp - /etc/chaperone/ca.pem; as bob chaperone ca status | head -1; ls -A /home/bob/.local 2>/dev/null)" 'file     /etc/chaperone/ca.pem'
pid=$(cat /run/chaperone.service.pid)
check 'the service runs as chaperone' "$(stat -c %U /proc/"$pid")" chaperone
check 'all libraries of the service are those of the package' "$(grep -oE '/[^ ]*/lib(sqlitejdbc|netty|brotli|zstd|jnidispatch)[^ ]*' /proc/"$pid"/maps | xargs -n1 dirname | sort -u)" /opt/chaperone/lib/app
check 'the trained cache is mapped' "$(grep -c 'lib/app/chaperone.aot' /proc/"$pid"/maps | sed 's/^[1-9][0-9]*$/yes/')" yes
sleep 20 # pages of the start are given back after 15 s
idle=$(awk '/VmRSS/ {print int($2/1024)}' /proc/"$pid"/status)
echo "RSS MB idle $idle"
check 'at most 130 MB when idle' "$([ "$idle" -le 130 ] && echo yes)" yes
openssl verify -CAfile /etc/ssl/certs/ca-certificates.crt /etc/chaperone/ca.pem >/dev/null 2>&1
check 'the root is in the system store' $? 0
check 'and in a user'"'"'s NSS databases' "$(for f in .pki/nssdb .mozilla/firefox/made-up.default; do certutil -L -d sql:/home/alice/$f | grep -c 'chaperone-.* C,,'; done | paste -sd+)" '1+1'
[ "$kind" = rpm ] || check 'Firefox keeps what others set' "$(grep -c DisableTelemetry /etc/firefox/policies/policies.json)" 1
check 'Firefox is told of the root' "$(grep -c /etc/chaperone/ca.pem /etc/firefox/policies/policies.json)" 1
check 'a JDK of its own trusts it' "$(grep -ac chaperone- /opt/jdk/lib/security/cacerts | sed 's/^[1-9][0-9]*$/yes/')" yes
check 'a JDK that a person may change is left alone' "$(cmp -s /proof/jdk/cacerts /opt/alices/lib/security/cacerts && echo yes || echo no)" yes
check 'and doctor says so' "$(grep -c 'ca-store:java:/opt/alices.*somebody else than root' $t/doctor.out)" 1

# The company's own PAC file goes on deciding about everything else.
curl -sS --noproxy '*' http://127.0.0.1:8421/proxy.pac >$t/proxy.pac
pac() { $NODE -e 'eval(require("fs").readFileSync(process.argv[1], "utf8") + "; console.log(FindProxyForURL(`https://${process.argv[2]}/`, process.argv[2]))")' $t/proxy.pac "$1"; }
check 'PAC: an AI service comes here, else where the company says' "$(pac api.anthropic.com)" 'PROXY 127.0.0.1:8421; PROXY proxy.company.test:3128'
check 'PAC: everything else goes where the company says' "$(pac www.example.org), $(pac intranet.test)" 'PROXY proxy.company.test:3128, DIRECT'
check 'PAC: the company'"'"'s policy names ours' "$(grep -c '"ProxyPacUrl" : "http://127.0.0.1:8421/proxy.pac"' /etc/chromium/policies/managed/company.json)" 1

# A prompt of Claude Code, as alice, through the installed service.
key=AK$(printf IA)$(LC_ALL=C tr -dc A-Z2-7 </dev/urandom | head -c 16)
# Claude Code keeps its own files in a home of its own; what chaperone keeps for alice lies in hers, and has to go with it.
install -d -o alice -g alice /tmp/alice
as alice env HOME=/tmp/alice XDG_STATE_HOME=/home/alice/.local/state ANTHROPIC_API_KEY=made-up-key DISABLE_AUTOUPDATER=1 timeout 90 chaperone exec -- claude -p "Why does aws_access_key_id=$key not work?" --model claude-sonnet-4-5 >$t/claude.out 2>&1 </dev/null
check 'Claude Code gets its answer' "$(grep -c 'The stand-in understood you' $t/claude.out)" 1
[ "$(grep -c 'The stand-in understood you' $t/claude.out)" = 1 ] || tail -5 $t/claude.out
$NODE -e 'for (const line of require("fs").readFileSync(process.argv[1], "utf8").trim().split("\n")) { const e = JSON.parse(line); if (e.body) console.log(Buffer.from(e.body, "base64").toString()) }' \
  $UPSTREAM_LOG >$t/bodies
check 'the key did not leave' "$(grep -c "$key" $t/bodies)" 0
check 'its placeholder did' "$(grep -c 'aws_access_key_id=\[SECRET-1\]' $t/bodies | sed 's/^[1-9][0-9]*$/yes/')" yes
check 'and an event says so' "$(chaperone events --json | grep -c 'SENT_REDACTED\|sent_redacted' | sed 's/^[1-9][0-9]*$/yes/')" yes
check 'alice is shown her own' "$(as alice chaperone events | grep -c 'SENT_REDACTED' | sed 's/^[1-9][0-9]*$/yes/')" yes
check 'and what is kept about her' "$(as alice chaperone ledger --json | grep -c '"fields"')" 1
check 'another user is not' "$(as bob chaperone events)" 'No events yet. They appear once an AI service was used through the agent.'
check 'and reads nothing by himself' "$(runuser -u bob -- ls /var/lib/chaperone >/dev/null 2>&1 && echo read || echo refused)" refused
curl -sS --proxy http://127.0.0.1:8421 --cacert $UPSTREAM_CA https://bank.test/ -o /dev/null
check 'a bank is not opened' $? 0
awk '/VmRSS/ {print "RSS MB after a session of Claude Code " int($2/1024)}' /proc/"$pid"/status

# Somebody's clean-up, undone by what runs at each start of the machine and hourly.
rm /usr/local/share/ca-certificates/chaperone-*.crt /etc/chromium/policies/managed/chaperone.json
update-ca-certificates --fresh >/dev/null 2>&1
openssl verify -CAfile /etc/ssl/certs/ca-certificates.crt /etc/chaperone/ca.pem >/dev/null 2>&1 && bad 'the root is out of the store'
$(sed -n 's/^ExecStart=//p' "${unit%/*}/chaperone-machine.service") >$t/repair.out 2>&1
check 'what chaperone-machine.service runs ends well' $? 0
openssl verify -CAfile /etc/ssl/certs/ca-certificates.crt /etc/chaperone/ca.pem >/dev/null 2>&1
check 'and the root is back' $? 0
check 'and so is the policy' "$(grep -c proxy.pac /etc/chromium/policies/managed/chaperone.json)" 1

# Developer tools of somebody who is not logged in when it goes.
repairs() {
  as alice chaperone trust --repair >$t/trust.out 2>&1
  check "$1" "$(grep -A2 '^node  *trusts' $t/trust.out | grep -c NODE_EXTRA_CA_CERTS) $(grep -c NODE_EXTRA_CA_CERTS /home/alice/.local/state/chaperone/trust/environment.sh)" '1 1'
}
events() { chaperone events --json | sed -n 's/^{"id":"\([^"]*\)".*/\1/p'; }
events_before=$(events)
repairs 'a user repairs her tools'
check 'which is no event of an AI service' "$(events)" "$events_before"

root_before=$(sha256sum </etc/chaperone/ca.pem)
stop
# An administrator's choice outlives an upgrade.
[ "$kind" = rpm ] || DPKG_MAINTSCRIPT_PACKAGE=chaperone deb-systemd-helper disable chaperone-machine.path >/dev/null
put "$two" >$t/upgrade.out 2>&1
check 'upgrade' $? 0
[ "$kind" = rpm ] || check 'what was disabled stays so' "$(enabled)" 'on on'
start
check 'the upgrade is the new version' "$(chaperone --version | grep -c '0\.1\.1')" 1
check 'the upgrade keeps the configuration' "$(grep -c '^health: 127.0.0.1:9421' /etc/chaperone/config.yaml)" 1
check 'the upgrade keeps the root' "$(sha256sum </etc/chaperone/ca.pem)" "$root_before"
check 'the upgrade keeps the events' "$(events | grep -cFx "$events_before")" "$(wc -l <<<"$events_before")"
chaperone doctor >$t/doctor.out 2>&1
check 'doctor after the upgrade' $? 0

# Homes at a removal: Firefox imported the root for our policy into a profile made since, by a name of its own; bob's home is not mounted.
since=/home/alice/.mozilla/firefox/made-since
homes_before() {
  as alice mkdir $since
  as alice certutil -N -d sql:$since --empty-password
  as alice certutil -A -d sql:$since -n 'Chaperone device root - Chaperone' -t CT,C,C -i /etc/chaperone/ca.pem
  mount -t tmpfs away /home/bob
}
homes_after() {
  check "$1: the root is out of a profile made since" "$(certutil -L -d sql:$since | grep -c ',')" 1 # the heading
  rm -r $since
  umount /home/bob
  check "$1: a home that is not here is named, with what to do" "$(sed -n 's/.*home of bob is not here; once it is, as that user: //p' $t/remove.out | sort -u | tee $t/bobs | wc -l)" 1
  as bob sh $t/bobs
}

if [ "$kind" = rpm ]; then printf '{"policies": {"DisableTelemetry":true}}' >/etc/firefox/policies/policies.json; fi
stop
homes_before
[ "$prove" != --prove ] || sed -i "1,$(($(wc -l </var/lib/chaperone-undo/ledger.jsonl) / 2))d" /var/lib/chaperone-undo/ledger.jsonl
if [ "$kind" = deb ]; then
  dpkg -r chaperone >$t/remove.out 2>&1
  check 'remove' $? 0
  curl -sS https://bank.test/ -o /dev/null
  check 'with the agent removed, everything works' $? 0
  dpkg -P chaperone >>$t/remove.out 2>&1
  check 'purge' $? 0
else
  rpm -e --nodeps chaperone >$t/remove.out 2>&1
  check 'erase' $? 0
  check 'what rpm keeps of an administrator'"'"'s stays' "$(ls -A /etc/chaperone) $(grep -c '^health: ' /etc/chaperone/config.yaml.rpmsave)" 'config.yaml.rpmsave 1'
  rm -rf /etc/chaperone
fi
grep -E 'NOT DONE|could not' $t/remove.out | grep -v 'home of bob is not here'
homes_after removal
if [ "$kind" = rpm ]; then
  check 'what somebody else wrote since is theirs' "$(cat /etc/firefox/policies/policies.json)" '{"policies": {"DisableTelemetry":true}}'
  rm -f /etc/firefox/policies/policies.json
fi
sh /proof/scripts/snapshot.sh >$t/after
if diff $t/before $t/after >$t/diff; then ok 'nothing is left: files, stores, settings, accounts'; else bad 'something is left:'; cat $t/diff; fi

# Once more, with programs that somebody removed by hand.
if [ "$prove" != --prove ]; then
  put "$two" >$t/install.out 2>&1
  check 'it installs again' $? 0
  start
  repairs 'a user repairs her tools again'
  stop
  homes_before
  rm -rf /opt/chaperone
  if [ "$kind" = deb ]; then dpkg -P chaperone >$t/remove.out 2>&1; else rpm -e --nodeps chaperone >$t/remove.out 2>&1; fi
  check 'removal without its programs' $? 0
  homes_after 'removal without its programs'
  sh /proof/scripts/snapshot.sh >$t/after
  if diff $t/before $t/after >$t/diff; then ok 'nothing is left then either'; else bad 'something is left without its programs:'; cat $t/diff $t/remove.out; fi
fi
echo done
