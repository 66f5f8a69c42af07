#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# One line for everything that an installation could leave on a machine: files (type, mode, owner, content or target), certificate
# stores by content, accounts. Run inside the machine. What the package manager itself keeps is left out, by this list and no other:
LC_ALL=C
export LC_ALL
everything() { # FIND'S ACTION …
  find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /run/lock -o -path /tmp -o -path /proof \
    -o -path /var/lib/dpkg -o -path /var/lib/rpm -o -path /root/.rpmdb -o -path /var/log/apt -o -path /var/log/dpkg.log -o -path /var/log/alternatives.log -o -path /var/cache/apt -o -path /var/cache/ldconfig \
    -o -path /etc/passwd- -o -path /etc/group- -o -path /etc/shadow- -o -path /etc/gshadow- -o -path /etc/subuid- -o -path /etc/subgid- \) -prune -o "$@"
}
everything -printf '%p %y %m %u:%g %l\n' | sort
# SQLite files differ by their history: compared by content below.
everything -type f -not -name cert9.db -not -name key4.db -not -name pkcs11.txt -print0 | sort -z | xargs -0 sha256sum
find / -xdev -name cert9.db -not -path '/proc/*' 2>/dev/null | sort | while IFS= read -r db; do
  echo "nss $db:"
  certutil -L -d "sql:$(dirname "$db")" 2>/dev/null | sed 's/^/  /'
done
echo 'accounts:'
getent passwd
getent group
