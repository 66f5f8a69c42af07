#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Extension attribute for Jamf: protected, not protected (with what is missing), not answering or not installed. Changes nothing.
program=/Library/Chaperone/bin/chaperone
data='/Library/Application Support/Chaperone/data'
if [ ! -x "$program" ]; then
  echo '<result>not installed</result>'
  exit 0
fi
# As the service's account: what root makes in its folder it could not read.
status=0
answer=$(/usr/bin/sudo -u _chaperone "$program" doctor --json --data-dir "$data" 2>/dev/null) || status=$?
case $status in
  0) echo '<result>protected</result>' ;;
  1)
    missing=$(printf '%s' "$answer" | tr '{' '\n' | grep '"state" *: *"bad"' | sed -n 's/.*"name" *: *"\([^"]*\)".*/\1/p' | paste -s -d ' ' -)
    echo "<result>not protected: $missing</result>"
    ;;
  *) echo '<result>not answering</result>' ;;
esac
