#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs Chaperone and enrols this Mac, as root. Usage: jamf-install.sh [mount point, computer, user] PKG   (Jamf gives the first
# three; PKG is parameter 4). Holds the enrolment token: let administrators read it, nobody else.
# 0 done, 2 no package named, 3 not root or package missing, else the installer's status.
set -u
token=@TOKEN@
support='/Library/Application Support/Chaperone'
pkg=${4:-${1:-}}
[ -n "$pkg" ] || { echo 'chaperone: name the package: jamf-install.sh PKG, or parameter 4 in Jamf' >&2; exit 2; }
[ "$(id -u)" = 0 ] || { echo 'chaperone: installing needs root' >&2; exit 3; }
[ -f "$pkg" ] || { echo "chaperone: $pkg is missing; give the path where Jamf put the package" >&2; exit 3; }
laid=no
if [ ! -e "$support/data/server.json" ]; then # an enrolled Mac needs no token
  (umask 077 && mkdir -p "$support" && printf '%s\n' "$token" >"$support/enrollment-token.new" && mv -f "$support/enrollment-token.new" "$support/enrollment-token") || exit 3
  laid=yes
fi
status=0
/usr/sbin/installer -pkg "$pkg" -target / || status=$?
if [ "$laid" = yes ] && [ "$status" != 0 ]; then
  rm -f "$support/enrollment-token"
  rmdir "$support" 2>/dev/null
fi
exit "$status"
