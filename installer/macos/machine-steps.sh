# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
# What changes a Mac beside files, each step with its undo below it. Sourced by postinstall and uninstall.sh, as root.
# Each do_ step can be repeated; each undo_ step works when nothing was done.

support='/Library/Application Support/Chaperone'
logs=/Library/Logs/Chaperone
account=_chaperone
pac=http://127.0.0.1:8421/proxy.pac
ledger="$support/undo-proxies" # one line a network service: enabled, tab, address before, tab, name

say() { echo "chaperone: $*" >&2; }

# ---- the service's account: hidden, no shell, no home, an identifier below 400 that nobody has

do_account() {
  dscl . -read "/Users/$account" UniqueID >/dev/null 2>&1 && return 0
  id=400
  while [ "$id" -gt 200 ]; do
    id=$((id - 1))
    [ -z "$(dscl . -search /Users UniqueID "$id")" ] && [ -z "$(dscl . -search /Groups PrimaryGroupID "$id")" ] && break
  done
  [ "$id" -gt 200 ] || { say 'no free account number between 200 and 399'; return 1; }
  dscl . -create "/Groups/$account" && dscl . -create "/Groups/$account" PrimaryGroupID "$id" || return 1
  dscl . -create "/Users/$account" && dscl . -create "/Users/$account" UniqueID "$id" && dscl . -create "/Users/$account" PrimaryGroupID "$id" \
    && dscl . -create "/Users/$account" UserShell /usr/bin/false && dscl . -create "/Users/$account" NFSHomeDirectory /var/empty \
    && dscl . -create "/Users/$account" RealName Chaperone && dscl . -create "/Users/$account" IsHidden 1 && dscl . -create "/Users/$account" Password '*'
}

undo_account() {
  if dscl . -read "/Users/$account" UniqueID >/dev/null 2>&1; then dscl . -delete "/Users/$account"; fi
  if dscl . -read "/Groups/$account" PrimaryGroupID >/dev/null 2>&1; then dscl . -delete "/Groups/$account"; fi
}

# ---- folders: data for the service alone, the socket's for everybody, configuration written by administrators only

do_folders() {
  mkdir -p "$support/data" "$support/run" "$logs" || return 1
  chown root:wheel "$support" && chmod 755 "$support" && chown -R "$account:$account" "$support/data" "$support/run" "$logs" \
    && chmod 700 "$support/data" && chmod 755 "$support/run" "$logs" || return 1
  [ -e "$support/config.yaml" ] && return 0
  printf '%s\n' '# Written by the installer, yours to change: upgrades leave it alone. Keys: docs/command-line.md.' 'listen: 127.0.0.1:8421' \
    "socket: '$support/run/agent.sock'" 'socket-for: every-user' >"$support/config.yaml" && chmod 644 "$support/config.yaml"
}

undo_folders() { rm -rf "$support" "$logs"; }

# After a first installation that failed: the configuration and the token that IT had put there before stay, for the next try. $configured: yes or no.
undo_begun_folders() {
  rm -rf "$support/data" "$support/run" "$logs"
  [ "$configured" = yes ] || rm -f "$support/config.yaml"
  rmdir "$support" 2>/dev/null
  return 0
}

# ---- enrolment: the token is a file that MDM puts there for root; it goes once it was used. By the company's proxy, where config.yaml names one

do_enrol() {
  token="$support/enrollment-token"
  [ -f "$token" ] || return 0
  chmod 600 "$token"
  set -- --data-dir "$support/data"
  [ ! -f "$support/config.yaml" ] || set -- "$@" --config "$support/config.yaml"
  # shellcheck disable=SC2024 # root reads the token, the account need not
  if sudo -u "$account" /Library/Chaperone/bin/chaperone enroll "$@" - <"$token"; then
    rm -f "$token"
  else
    say "the device was not enrolled, for the reason above; the token stays in $token: mend it and install again"
    return 1
  fi
}

undo_enrol() { rm -f "$support/enrollment-token"; } # what it brought lies in the data folder

# ---- trust: the device's own root, unless it is enrolled. Since macOS 11 a profile of MDM does this without a question; without one, it is tried and said

do_trust() {
  [ ! -e "$support/data/server.json" ] || return 0 # an enrolled device works under the organisation's root, which IT deploys
  sudo -u "$account" /Library/Chaperone/bin/chaperone ca make --data-dir "$support/data" >/dev/null || return 1
  security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain "$support/data/ca.pem" \
    || say "the root certificate is not trusted yet: deploy $support/data/ca.pem by a profile, or open it and trust it"
}

# The device's own roots, past ones too, also of a device that was enrolled later. ca.pem names the organisation's root then, which is not ours to take.
undo_trust() {
  own="$support/data/device-root.pem"
  if [ ! -f "$own" ]; then # of a version that kept none beside
    own="$support/data/ca.pem"
    [ ! -e "$support/data/server.json" ] && [ -f "$own" ] || return 0
  fi
  each=$(mktemp -d) || return 0
  awk -v folder="$each" '/-----BEGIN CERTIFICATE-----/ { n++ } n > 0 { print > (folder "/" n ".pem") }' "$own"
  for root in "$each"/*.pem; do
    hash=$(openssl x509 -in "$root" -noout -fingerprint -sha1 2>/dev/null | sed 's/.*=//; s/://g')
    [ -n "$hash" ] || continue
    security remove-trusted-cert -d "$root" 2>/dev/null
    security delete-certificate -Z "$hash" /Library/Keychains/System.keychain >/dev/null 2>&1
  done
  rm -rf "$each"
  return 0
}

# ---- proxy auto-configuration of each network service; what was there before is kept for the undo

services() { networksetup -listallnetworkservices | sed '1d; s/^\*//'; } # the first line explains the asterisk

do_proxies() {
  touch "$ledger" && chmod 600 "$ledger"
  services | while IFS= read -r name; do
    before=$(networksetup -getautoproxyurl "$name") || continue
    url=$(printf '%s\n' "$before" | sed -n 's/^URL: //p')
    enabled=$(printf '%s\n' "$before" | sed -n 's/^Enabled: //p')
    [ "$url" = "$pac" ] && continue
    if [ "$enabled" = Yes ]; then
      say "network service $name has a configuration of its own ($url): left alone"
      continue
    fi
    printf '%s\t%s\t%s\n' "$enabled" "$url" "$name" >>"$ledger"
    networksetup -setautoproxyurl "$name" "$pac"
  done
}

undo_proxies() {
  [ -f "$ledger" ] || return 0
  tab=$(printf '\t')
  while IFS="$tab" read -r enabled url name; do
    [ "$(networksetup -getautoproxyurl "$name" | sed -n 's/^URL: //p')" = "$pac" ] || continue # somebody changed it since
    [ "$url" = '(null)' ] && url=''
    networksetup -setautoproxyurl "$name" "$url"
    [ "$enabled" = Yes ] && state=on || state=off
    networksetup -setautoproxystate "$name" "$state"
  done <"$ledger"
  rm -f "$ledger"
}

# ---- the services

do_services() {
  launchctl bootstrap system /Library/LaunchDaemons/dev.chaperone.agent.plist || return 1
  user=$(stat -f %u /dev/console)
  [ "$user" = 0 ] || launchctl bootstrap "gui/$user" /Library/LaunchAgents/dev.chaperone.ui.plist || say 'the interface starts with the next sign-in'
}

undo_services() {
  launchctl bootout system/dev.chaperone.agent 2>/dev/null
  user=$(stat -f %u /dev/console)
  [ "$user" = 0 ] || launchctl bootout "gui/$user/dev.chaperone.ui" 2>/dev/null
  return 0
}
