#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Takes Chaperone off this Mac: services, proxies, trust, files, account, records. Usage: sudo /Library/Chaperone/uninstall.sh [--keep-data]
[ "$(id -u)" = 0 ] || { echo 'chaperone: uninstalling needs root: sudo /Library/Chaperone/uninstall.sh' >&2; exit 3; }
keep=no
case "${1:-}" in
  '') ;;
  --keep-data) keep=yes ;;
  *) echo "chaperone: unknown argument '$1'; usage: uninstall.sh [--keep-data]" >&2; exit 2 ;;
esac
. /Library/Chaperone/libexec/machine-steps.sh

undo_services
undo_proxies
undo_trust
undo_enrol
if [ "$keep" = no ]; then
  undo_folders
  undo_account
fi
rm -f /Library/LaunchDaemons/dev.chaperone.agent.plist /Library/LaunchAgents/dev.chaperone.ui.plist
if [ "$(readlink /usr/local/bin/chaperone)" = /Library/Chaperone/bin/chaperone ]; then rm -f /usr/local/bin/chaperone; fi
rm -rf /Library/Chaperone
pkgutil --forget dev.chaperone.agent >/dev/null 2>&1
say 'removed'
