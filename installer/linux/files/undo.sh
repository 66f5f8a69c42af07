# SPDX-License-Identifier: Apache-2.0
# Walks the undo ledger without Java, for a package whose programs are damaged or gone already. Sourced by the packages' scripts.
# A file of ours goes or gets back what was there before; nothing that is not in the ledger is touched, nor what somebody else wrote since.
chaperone_field() { printf '%s\n' "$1" | sed -n 's/.*"'"$2"'":"\([^"]*\)".*/\1/p'; }

# The changes that stand, newest first: what was struck off is not taken back a second time.
chaperone_standing() {
  awk '
    function field(name) {
      if (!match($0, "\"" name "\":\"[^\"]*\"")) return ""
      return substr($0, RSTART + length(name) + 4, RLENGTH - length(name) - 5)
    }
    function command(text) {
      text = $0
      if (!sub(/.*"command":\[/, "", text)) return ""
      sub(/\].*/, "", text); gsub(/","/, " ", text); gsub(/"/, "", text)
      return text
    }
    function key(kind) {
      kind = field("kind")
      if (kind == "nss") return kind " " field("user") " " field("folder") " " field("nickname")
      if (kind == "keystore") return kind " " field("path") " " field("alias")
      if (kind == "refresh") return kind " " command()
      if (kind == "folder") return kind " " field("path")
      return kind " " field("path") " " field("sha256")
    }
    !/}$/ { next } # cut off while it was written: it never took effect
    /^[{]"op":"\+"/ { k = key(); if (!(k in at)) at[k] = ++last; line[at[k]] = $0 }
    /^[{]"op":"-"/ { k = field("key"); if (k in at) { delete line[at[k]]; delete at[k] } }
    END { for (i = last; i > 0; i--) if (i in line) print line[i] }
  ' "$1"
}

# Whether a file is as we wrote it, by the sum in the entry.
chaperone_ours() { [ -f "$1" ] && [ "$(sha256sum <"$1" | cut -d ' ' -f 1)" = "$(chaperone_field "$2" sha256)" ]; }

# A file that others use too, changed by somebody else since: our lines go, all else stays.
chaperone_unmerge() {
  case $2 in
    *'"format":"lines"'*)
      ours=$(printf '%s\n' "$2" | sed -n 's/.*"keys":\["\([^]]*\)"\].*/\1/p')
      fresh=$(dirname "$1")/.$(basename "$1").chaperone-new
      status=0
      cp -p "$1" "$fresh" || status=2
      # 1: no other line is left
      [ "$status" != 0 ] || grep -vxF -e "$ours" "$1" >"$fresh" || status=$?
      if [ "$status" -le 1 ]; then
        mv "$fresh" "$1"
      else
        rm -f "$fresh"
        echo "chaperone: $1 cannot be written; take out by hand: $ours" >&2
      fi
      ;;
    *) echo "chaperone: $1 was changed by somebody else since; take out by hand: $(printf '%s\n' "$2" | sed -n 's/.*"keys":\[\([^]]*\)\].*/\1/p')" >&2 ;;
  esac
}

# With the rights of who owns it: since we wrote there a JDK may have become somebody's, who could put a link in its place.
chaperone_as_owner() {
  file=$1
  shift
  chaperone_as "$(stat -c %U "$file")" "$@"
}

# As a user, in a session of its own: what runs there could type into root's terminal. What a home makes it wait for holds nobody up for long.
chaperone_as() {
  as=$1
  shift
  timeout 60 setsid -w runuser -u "$as" -- "$@"
}

# The JDK's own keytool, which keeps the keystore's form.
chaperone_unimport() {
  keytool=${1%/lib/security/cacerts}
  keytool=${keytool%/jre}/bin/keytool
  alias=$(chaperone_field "$2" alias)
  if [ -x "$keytool" ] && chaperone_as_owner "$1" "$keytool" -J-Dkeystore.pkcs12.certProtectionAlgorithm=NONE -J-Dkeystore.pkcs12.macAlgorithm=NONE \
    -delete -alias "$alias" -keystore "$1" -storepass changeit >/dev/null 2>&1; then
    return
  fi
  echo "chaperone: $1 was changed by somebody else since; take out by hand: keytool -delete -alias $alias -keystore $1" >&2
}

# What `chaperone trust --repair` changed in a home, as its person; $1: the home. One file an entry: what it held, the sum of what was made of it.
chaperone_tools='
state=$1/.local/state/chaperone
left=
first() { awk -v name="$1" "match(\$0, \"\\\"\" name \"\\\":\\\"[^\\\"]*\\\"\") { print substr(\$0, RSTART + length(name) + 4, RLENGTH - length(name) - 5); exit }" "$entry"; }
for number in $(ls "$state/trust/ledger" 2>/dev/null | sed -n "s/^\([0-9][0-9]*\)\.json\$/\1/p" | sort -rn); do
  entry=$state/trust/ledger/$number.json
  file=$(first file)
  fresh=$(first temporary)
  rm -f "$fresh"
  if [ ! -f "$file" ]; then
    :
  elif grep -q "\"existed\":true" "$entry" && first before | base64 -d | cmp -s - "$file"; then
    :
  elif [ "$(sha256sum <"$file" | cut -d " " -f 1)" != "$(first after)" ]; then
    echo "chaperone: $file was changed by somebody else since; take out by hand what chaperone trust put there" >&2
    left=yes
    continue
  elif grep -q "\"existed\":true" "$entry"; then
    mode=$(first mode)
    first before | base64 -d >"$fresh"
    chmod "u=$(echo "$mode" | cut -c 1-3 | tr -d -),g=$(echo "$mode" | cut -c 4-6 | tr -d -),o=$(echo "$mode" | cut -c 7-9 | tr -d -)" "$fresh"
    mv "$fresh" "$file"
  else
    rm -f "$file"
  fi
  sed -n "s/.*\"madeFolders\":\[\([^]]*\)\].*/\1/p" "$entry" | tr , "\n" | tr -d \" | sed "1!G;h;\$!d" | while IFS= read -r made; do
    [ -z "$made" ] || rmdir "$made" 2>/dev/null || true
  done
  rm -f "$entry"
done
if [ -z "$left" ]; then
  made=$(cat "$state/trust/made-folders" 2>/dev/null)
  rm -rf -- "$state"
  echo "$made" | sed "1!G;h;\$!d" | while IFS= read -r folder; do
    [ -z "$folder" ] || rmdir "$folder" 2>/dev/null || true
  done
fi
'

# NAME:HOME of people: those that are listed, and the owners of homes that a directory service does not list.
chaperone_people() {
  { getent passwd; stat -c %u /home/* 2>/dev/null | sort -u | xargs -r getent passwd -- || true; } |
    awk -F: '($3 == 0 || $3 >= 1000 && $3 != 65534) && !seen[$3]++ { print $1 ":" $6 }'
}

chaperone_undo_tools() {
  chaperone_people | while IFS=: read -r user home; do
    [ ! -d "$home/.local/state/chaperone" ] || chaperone_as "$user" sh -c "$chaperone_tools" sh "$home" </dev/null || true
  done
}

# Our roots out of a user's NSS databases, by digest: Firefox gives them names of its own. $1: the home, then the names that end with the digest.
chaperone_certificates='
home=$1
shift
for at in "$home"/.pki/nssdb "$home"/.local/share/pki/nssdb "$home"/.var/app/*/.pki/nssdb "$home"/snap/chromium/*/.pki/nssdb "$home"/.mozilla/firefox/* \
  "$home"/.config/mozilla/firefox/* "$home"/snap/firefox/common/.mozilla/firefox/* "$home"/.var/app/org.mozilla.firefox/.mozilla/firefox/*; do
  [ -f "$at/cert9.db" ] || continue
  if ! list=$(timeout 15 certutil -L -d "sql:$at" 2>&1); then
    # What a killed one had begun is rolled back by one that writes.
    timeout 15 certutil -D -d "sql:$at" -n chaperone-none >/dev/null 2>&1
    list=$(timeout 15 certutil -L -d "sql:$at" 2>&1) || { echo "chaperone: $at takes no change; take out by hand: certutil -D -d sql:$at -n $1" >&2; continue; }
  fi
  printf "%s\n" "$list" | sed -n "s/^\(.*[^ ]\)  *\([A-Za-z]*,[A-Za-z]*,[A-Za-z]*\) *\$/\2 \1/p" | while read -r trust name; do
    for root; do
      if [ "$name" != "$root" ]; then
        case ${trust%%,*} in *C*) ;; *) continue ;; esac
        case $(certutil -L -d "sql:$at" -n "$name" -r 2>/dev/null | sha256sum) in "${root#chaperone-}"*) ;; *) continue ;; esac
      fi
      certutil -D -d "sql:$at" -n "$name" 2>/dev/null || echo "chaperone: $at takes no change; take out by hand: certutil -D -d sql:$at -n $name" >&2
    done
  done
done
'

# $1: the ledger. Whose home is not here is named: what lies in it cannot be told.
chaperone_undo_certificates() {
  roots=$(grep -o 'chaperone-[0-9a-f]\{8\}' "$1" | sort -u | paste -sd' ')
  [ -n "$roots" ] && command -v certutil >/dev/null || return 0
  chaperone_people | while IFS=: read -r user home; do
    # shellcheck disable=SC2086 # a list
    [ ! -d "$home" ] || chaperone_as "$user" sh -c "$chaperone_certificates" sh "$home" $roots </dev/null || true
  done
  chaperone_standing "$1" | grep '"kind":"nss"' | while IFS= read -r line; do
    user=$(chaperone_field "$line" user)
    home=$(getent passwd -- "$user" | cut -d: -f6)
    if [ -n "$home" ] && [ -z "$(ls -A "$home" 2>/dev/null)" ]; then
      echo "chaperone: the home of $user is not here; once it is, as that user: certutil -D -d sql:$(chaperone_field "$line" folder) -n $(chaperone_field "$line" nickname)" >&2
    fi
  done
}

# Whether nothing stands but what lies in people's homes, which holds no removal up: anybody could.
chaperone_only_homes() { [ -f "$1" ] && ! chaperone_standing "$1" | grep -qv '"kind":"nss"'; }

# $1: the ledger's folder, for tests.
chaperone_undo() {
  [ -n "${1:-}" ] || chaperone_undo_tools
  ledger=${1:-/var/lib/chaperone-undo}
  [ -f "$ledger/ledger.jsonl" ] || { rm -rf "$ledger"; return 0; }
  [ -n "${1:-}" ] || chaperone_undo_certificates "$ledger/ledger.jsonl"
  refresh=
  lines=$(mktemp)
  chaperone_standing "$ledger/ledger.jsonl" >"$lines"
  while IFS= read -r line; do
    path=$(chaperone_field "$line" path)
    backup=$(chaperone_field "$line" backup)
    [ -z "$path" ] || rm -f "$(dirname "$path")/.$(basename "$path").chaperone-new"
    kept="$ledger/backup/$backup"
    [ -n "$backup" ] && [ -f "$kept" ] || kept=
    case $line in
      *'"kind":"file"'*)
        if [ -n "$kept" ]; then
          [ ! -d "$(dirname "$path")" ] || cp -p "$kept" "$path"
        else
          rm -f "$path"
        fi
        ;;
      *'"kind":"started"'*) ! chaperone_ours "$path" "$line" || rm -f "$path" ;;
      *'"kind":"keys"'* | *'"kind":"keystore"'*)
        # Without a copy, or as the copy: nothing was changed.
        if [ -z "$kept" ] || [ ! -f "$path" ] || cmp -s "$kept" "$path"; then
          :
        elif chaperone_ours "$path" "$line"; then
          case $line in
            *'"kind":"keystore"'*) chaperone_as_owner "$path" sh -c 'cat >"$1"' sh "$path" <"$kept" ;;
            *) cp -p "$kept" "$path" ;;
          esac
        elif [ -z "${line##*\"kind\":\"keys\"*}" ]; then
          chaperone_unmerge "$path" "$line"
        else
          chaperone_unimport "$path" "$line"
        fi
        ;;
      *'"kind":"folder"'*) [ -z "$path" ] || rmdir "$path" 2>/dev/null || true ;;
      *'"kind":"nss"'*) ;; # all of them at once
      *'"kind":"refresh"'*)
        command=$(printf '%s\n' "$line" | sed -n 's/.*"command":\[\([^]]*\)\].*/\1/p' | sed 's/"//g; s/,/ /g')
        refresh="$refresh$command
"
        ;;
    esac
  done <"$lines"
  rm -f "$lines"
  printf '%s' "$refresh" | sort -u | while IFS= read -r command; do
    if [ -z "$command" ] || ! command -v "${command%% *}" >/dev/null; then continue; fi
    # Debian's appends to what a killed one had begun; a first run moves that away.
    [ ! -e /etc/ssl/certs/ca-certificates.crt.new ] || $command >/dev/null 2>&1 || true
    $command >/dev/null 2>&1 || true
  done
  rm -rf "$ledger"
}
