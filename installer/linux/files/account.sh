# SPDX-License-Identifier: Apache-2.0
# The service's account: what may have its name, its end, and the end of what runs under it. Sourced by the packages' scripts; POSIX shell.

# How the account is described when the packages made it, and when its group was there before: only what was made goes.
chaperone_made='Chaperone'
chaperone_joined='Chaperone in a given group'

# Ends 1, saying why, when something else has the account's name: a person would own the root's key, and the removal their account.
chaperone_account_fits() {
  entry=$(getent passwd chaperone) || return 0
  IFS=: read -r _ _ uid _ _ home shell <<IN
$entry
IN
  case $shell in */nologin | */false) login=no ;; *) login=yes ;; esac
  if [ "$uid" -gt 0 ] && [ "$uid" -lt 1000 ] && { [ "$home" = /var/lib/chaperone ] || [ $login = no ]; } && [ "$(id -gn chaperone)" = chaperone ]; then
    return 0
  fi
  echo "chaperone: the account 'chaperone' (uid $uid, home $home, shell $shell) is not the service's; nothing was changed. Rename it, or make it a system account with a group of its name, then install again." >&2
  return 1
}

chaperone_group_there() { getent group chaperone >/dev/null; }

# Processes of the account with uid $1 whose program is ours, one id a line; a program that was unpacked anew or removed since keeps its path.
chaperone_processes() {
  for process in /proc/[0-9]*; do
    case $(readlink "$process/exe" 2>/dev/null) in
      /opt/chaperone/*)
        # Not those of a container, which has an /opt of its own
        if [ "$process/root" -ef / ] && [ "$(awk '/^Uid:/ { print $2 }' "$process/status" 2>/dev/null)" = "$1" ]; then
          echo "${process#/proc/}"
        fi
        ;;
    esac
  done
}

# An agent that no service manager stops. TERM first, for what it has in hand; after five seconds KILL.
chaperone_end_processes() {
  uid=$(id -u chaperone 2>/dev/null) || return 0
  for signal in TERM KILL; do
    for _ in 1 2 3 4 5 6 7 8 9 10; do
      processes=$(chaperone_processes "$uid")
      [ -n "$processes" ] || return 0
      # shellcheck disable=SC2086 # one word each
      kill -$signal $processes 2>/dev/null || true
      sleep 0.5
    done
  done
}

# An account that was there before stays, and so does a group.
chaperone_delete_account() {
  entry=$(getent passwd chaperone) || return 0
  IFS=: read -r _ _ uid gid gecos home _ <<IN
$entry
IN
  [ "$home" = /var/lib/chaperone ] || return 0
  case ${gecos%%,*} in
    "$chaperone_made") ;;
    # userdel(8) takes the account's own group along, when nobody else is in it.
    "$chaperone_joined") usermod -g 65534 chaperone || return 0 ;;
    *) return 0 ;;
  esac
  if said=$(userdel chaperone 2>&1); then
    # Where userdel leaves groups alone (USERGROUPS_ENAB no)
    if [ "${gecos%%,*}" = "$chaperone_made" ] && [ "$(getent group chaperone | cut -d: -f3,4)" = "$gid:" ]; then
      groupdel chaperone 2>/dev/null || true
    fi
  else
    [ "${gecos%%,*}" = "$chaperone_made" ] || usermod -g "$gid" chaperone || true
    echo "chaperone: the account 'chaperone' stays, something else still runs under it (ps -u $uid): $(printf '%s' "$said" | tail -n 1). End that, then: userdel chaperone" >&2
  fi
}
