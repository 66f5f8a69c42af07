#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A Debian of its own for a proof: makes one once (debootstrap, packages from the distribution), copies it, enters it in namespaces
# of its own: mounts, processes, a network with a loopback only. Sourced; functions only.
MACHINE_BASE=${MACHINE_BASE:-${XDG_CACHE_HOME:-$HOME/.cache}/chaperone-machine/bookworm}

machine_base() {
  [ -f "$MACHINE_BASE/.complete" ] && return
  rm -rf "$MACHINE_BASE"
  mkdir -p "$MACHINE_BASE"
  debootstrap --variant=minbase --include=adduser,ca-certificates,libnss3-tools,util-linux,init-system-helpers,dconf-cli,rpm,curl,procps,openssl \
    bookworm "$MACHINE_BASE" >"$MACHINE_BASE.log" 2>&1 || { tail -5 "$MACHINE_BASE.log" >&2; return 1; }
  rm -f "$MACHINE_BASE"/var/cache/apt/archives/*.deb
  touch "$MACHINE_BASE/.complete"
}

# machine_new DIR: a fresh copy with two people, one of them with a browser's databases and settings of somebody else.
machine_new() {
  cp -a "$MACHINE_BASE" "$1"
  rm -f "$1/.complete"
  machine_run "$1" /bin/sh -eu <<'IN'
useradd -m -u 1000 alice
useradd -m -u 1001 bob
for folder in .pki/nssdb .mozilla/firefox/made-up.default; do
  runuser -u alice -- mkdir -p "/home/alice/$folder"
  runuser -u alice -- certutil -N -d "sql:/home/alice/$folder" --empty-password
done
runuser -u alice -- mkdir -p /home/alice/.local/state
runuser -u bob -- mkdir -p /home/bob/.pki/nssdb
runuser -u bob -- certutil -N -d sql:/home/bob/.pki/nssdb --empty-password
# What the base packages of a desktop have.
mkdir -p /etc/xdg/autostart /usr/share/applications /etc/chromium/policies/managed /srv /etc/firefox/policies /etc/dconf/profile /etc/dconf/db/site.d
printf '{"policies":{"DisableTelemetry":true,"Proxy":{"Mode":"system"}}}' >/etc/firefox/policies/policies.json
touch /etc/xdg/autostart/other.desktop /usr/share/applications/other.desktop
printf 'function FindProxyForURL(url, host) { return host == "intranet.test" ? "DIRECT" : "PROXY proxy.company.test:3128" }\n' >/srv/company.pac
printf '{ "ProxyMode":"pac_script", "ProxyPacUrl":"file:///srv/company.pac","HomepageLocation" : "https://intranet.test/" }' >/etc/chromium/policies/managed/company.json
printf 'user-db:user\nsystem-db:site\n' >/etc/dconf/profile/user
dconf update
IN
}

# machine_run DIR COMMAND…: inside; /proof is this folder, NODE_MODULES (if set) lies where it lies outside. The network is a loopback of its
# own, or with MACHINE_NET=shared the caller's.
machine_run() {
  local root=$1
  shift
  local net=--net
  [ "${MACHINE_NET:-}" = shared ] && net=
  # shellcheck disable=SC2086 # a flag or none
  unshare --mount --pid --fork $net --kill-child -- bash -eu -c '
    root=$1; shift
    mount --make-rprivate /
    mount --bind "$root" "$root"
    mount -t proc proc "$root/proc"
    mount -t tmpfs -o mode=755 run "$root/run"
    mount -t tmpfs -o mode=1777 tmp "$root/tmp"
    mount --rbind /dev "$root/dev"
    mkdir -p "$root/proof"
    mount -t tmpfs -o mode=755 proof "$root/proof"
    for pair in ${MACHINE_BINDS:-}; do
      mkdir -p "$root/${pair#*:}"
      mount --bind -o ro "${pair%%:*}" "$root/${pair#*:}"
    done
    ip link set lo up
    exec chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 "$@"
  ' machine "$root" "$@"
}
