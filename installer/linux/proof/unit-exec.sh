#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Starts a service as its unit says, where no systemd runs: ExecStart as User with the ambient capabilities, no new privileges, the
# runtime folder made. Runs inside the machine; writes the pid to /run/UNIT.pid. Usage: unit-exec.sh /path/to.service OUT
set -eu
unit=$1 out=$2
value() { sed -n "s/^$1=//p" "$unit" | tail -1; }
user=$(value User)
install -d -o "$user" -g "$user" -m "$(value RuntimeDirectoryMode)" "/run/$(value RuntimeDirectory)"
caps=$(value AmbientCapabilities | tr 'A-Z' 'a-z' | sed 's/cap_/+/g; s/ /,/g')
umask "$(value UMask)"
rm -f "$out" # what an earlier start said
# shellcheck disable=SC2046,SC2086 # ExecStart is a list of words
env $(sed -n 's/^Environment=//p' "$unit") setpriv --reuid "$user" --regid "$user" --clear-groups --inh-caps="-all,$caps" --ambient-caps="-all,$caps" --bounding-set="-all,$caps" --no-new-privs \
  $(value ExecStart) >"$out" 2>&1 &
echo $! >"/run/$(basename "$unit").pid"
for _ in $(seq 300); do
  if grep -qs 'ready on' "$out"; then
    awk -v hz="$(getconf CLK_TCK)" '{printf "CPU to ready %.2f s\n", ($14+$15)/hz}' /proc/$!/stat
    exit 0
  fi
  kill -0 $! 2>/dev/null || break
  sleep 0.1
done
cat "$out" >&2
exit 1
