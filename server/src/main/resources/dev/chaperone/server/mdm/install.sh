#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs Chaperone and enrols this computer, as root. Usage: install.sh PACKAGE   (a .deb or .rpm file)
# Holds the enrolment token: let administrators read it, nobody else.
# 0 enrolled, 1 installed but not enrolled (the service tries again hourly), 2 wrong use, 3 not root or not installed.
set -u
token=@TOKEN@
place=/etc/chaperone/enrollment-token
package=${1:-}
case $package in
  *.deb) install='apt-get install -y' ;;
  *.rpm) install='dnf install -y' ;;
  *) echo 'chaperone: usage: install.sh PACKAGE, a .deb or .rpm file' >&2; exit 2 ;;
esac
[ "$(id -u)" = 0 ] || { echo 'chaperone: installing needs root' >&2; exit 3; }
[ -f "$package" ] || { echo "chaperone: $package is missing" >&2; exit 3; }
package=$(CDPATH='' cd -- "$(dirname -- "$package")" && pwd -P)/$(basename -- "$package") # a path, or apt takes it for a package's name
if [ ! -e /var/lib/chaperone/server.json ]; then # an enrolled computer needs no token
  made=no
  [ -d /etc/chaperone ] || { install -d -m 0755 /etc/chaperone && made=yes; } || exit 3
  (umask 077 && printf '%s\n' "$token" >"$place.new" && mv -f "$place.new" "$place") || exit 3
  # shellcheck disable=SC2086 # a command and its arguments
  if ! $install "$package"; then
    rm -f "$place"
    [ "$made" = no ] || rmdir /etc/chaperone 2>/dev/null
    echo 'chaperone: not installed; see above' >&2
    exit 3
  fi
  if [ ! -e /var/lib/chaperone/server.json ]; then
    echo "chaperone: installed, not enrolled; the reason stands above, $place is tried again hourly" >&2
    exit 1
  fi
  exit 0
fi
# shellcheck disable=SC2086 # a command and its arguments
$install "$package" || { echo 'chaperone: not upgraded; see above' >&2; exit 3; }
