#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Stands in for Apple's command line tools, by the name it is called with, in the proof of the scripts (verify.sh). State: files below $MAC/state.
# FAIL names the tool that fails. Not part of the package.
tool=$(basename "$0")
[ "$tool" != "${FAIL:-}" ] || exit 1
case "$tool" in
  dscl) # . -create PATH [KEY [VALUE]] | -read PATH KEY | -delete PATH | -search PATH KEY VALUE
    record="$MAC/state/dscl$3"
    case "$2" in
      -create) mkdir -p "$record" && { [ $# -lt 5 ] || printf '%s\n' "$5" >"$record/$4"; } ;;
      -read) cat "$record/$4" 2>/dev/null ;;
      -delete) rm -r "$record" && rmdir "$(dirname "$record")" 2>/dev/null || true ;;
      -search) grep -lx "$5" "$record"/*/"$4" 2>/dev/null || true ;;
    esac
    ;;
  networksetup)
    case "$1" in
      -listallnetworkservices)
        echo 'An asterisk (*) denotes that a network service is disabled.'
        (cd "$MAC/state/net" && find . -type f | sed 's|^\./||')
        ;;
      -getautoproxyurl) cat "$MAC/state/net/$2" ;;
      -setautoproxyurl) printf 'URL: %s\nEnabled: Yes\n' "${3:-(null)}" >"$MAC/state/net/$2" ;;
      -setautoproxystate) [ "$3" = on ] && s=Yes || s=No; sed -i "s/^Enabled: .*/Enabled: $s/" "$MAC/state/net/$2" ;;
    esac
    ;;
  security)
    case "$1" in
      add-trusted-cert) # -d -r trustRoot -k KEYCHAIN FILE
        hash=$(openssl x509 -in "$7" -noout -fingerprint -sha1 | sed 's/.*=//; s/://g') && touch "$MAC/state/trust/$hash.certificate" "$MAC/state/trust/$hash.trusted"
        ;;
      remove-trusted-cert) # -d FILE
        hash=$(openssl x509 -in "$3" -noout -fingerprint -sha1 | sed 's/.*=//; s/://g') && rm "$MAC/state/trust/$hash.trusted"
        ;;
      delete-certificate) rm "$MAC/state/trust/$3.certificate" ;; # -Z HASH KEYCHAIN
    esac
    ;;
  launchctl)
    case "$1 $2" in
      'bootstrap system') touch "$MAC/state/loaded/system" ;;
      'bootstrap gui/501') touch "$MAC/state/loaded/gui" ;;
      'bootout system/'*) rm -f "$MAC/state/loaded/system" ;;
      'bootout gui/501/'*) rm -f "$MAC/state/loaded/gui" ;;
      *) exit 1 ;;
    esac
    ;;
  sudo) shift 2 && exec "$@" ;; # -u ACCOUNT
  stat) echo 501 ;;             # who sits at the console
  pkgutil | chown) ;;
  chaperone | stand-in) # the agent: this system's own, since Java for macOS does not run here
    echo "$*" >>"$MAC/state/chaperone"
    exec "$AGENT" "$@"
    ;;
esac
