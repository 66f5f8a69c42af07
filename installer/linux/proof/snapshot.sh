#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# One line for everything that an installation could leave on a machine: files (type, mode, owner, content or target), certificate
# stores by content, accounts. Run inside the machine. What the package manager itself keeps is left out, by this list and no other:
LC_ALL=C
export LC_ALL
find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /run/lock -o -path /tmp -o -path /proof \
  -o -path /var/lib/dpkg -o -path /var/lib/rpm -o -path /root/.rpmdb -o -path /var/log/apt -o -path /var/log/dpkg.log -o -path /var/log/alternatives.log -o -path /var/cache/apt -o -path /var/cache/ldconfig \
  -o -path /etc/passwd- -o -path /etc/group- -o -path /etc/shadow- -o -path /etc/gshadow- -o -path /etc/subuid- -o -path /etc/subgid- \) -prune -o -print |
  sort | while IFS= read -r path; do
  meta=$(stat -c '%F %a %U:%G' "$path")
  case $meta in
    'regular file'* | 'regular empty file'*)
      case $path in
        */cert9.db | */key4.db | */pkcs11.txt) echo "$path $meta nss" ;; # SQLite files differ by their history: compared by content below
        *) echo "$path $meta $(sha256sum <"$path" | cut -d' ' -f1)" ;;
      esac
      ;;
    'symbolic link'*) echo "$path $meta -> $(readlink "$path")" ;;
    *) echo "$path $meta" ;;
  esac
done
find / -xdev -name cert9.db -not -path '/proc/*' 2>/dev/null | sort | while IFS= read -r db; do
  echo "nss $db:"
  certutil -L -d "sql:$(dirname "$db")" 2>/dev/null | sed 's/^/  /'
done
echo 'accounts:'
getent passwd
getent group
