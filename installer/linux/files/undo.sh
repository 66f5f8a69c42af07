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
      grep -vxF -e "$ours" "$1" >"$1.chaperone-new" || true
      cat "$1.chaperone-new" >"$1"
      rm -f "$1.chaperone-new"
      ;;
    *) echo "chaperone: $1 was changed by somebody else since; take out by hand: $(printf '%s\n' "$2" | sed -n 's/.*"keys":\[\([^]]*\)\].*/\1/p')" >&2 ;;
  esac
}

# The JDK's own keytool, which keeps the keystore's form.
chaperone_unimport() {
  keytool=${1%/lib/security/cacerts}
  keytool=${keytool%/jre}/bin/keytool
  alias=$(chaperone_field "$2" alias)
  if [ -x "$keytool" ] && "$keytool" -J-Dkeystore.pkcs12.certProtectionAlgorithm=NONE -J-Dkeystore.pkcs12.macAlgorithm=NONE \
    -delete -alias "$alias" -keystore "$1" -storepass changeit >/dev/null 2>&1; then
    return
  fi
  echo "chaperone: $1 was changed by somebody else since; take out by hand: keytool -delete -alias $alias -keystore $1" >&2
}

# $1: the ledger's folder, for tests.
chaperone_undo() {
  ledger=${1:-/var/lib/chaperone-undo}
  [ -f "$ledger/ledger.jsonl" ] || { rm -rf "$ledger"; return 0; }
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
          cp -p "$kept" "$path"
        elif [ -z "${line##*\"kind\":\"keys\"*}" ]; then
          chaperone_unmerge "$path" "$line"
        else
          chaperone_unimport "$path" "$line"
        fi
        ;;
      *'"kind":"folder"'*) [ -z "$path" ] || rmdir "$path" 2>/dev/null || true ;;
      *'"kind":"nss"'*)
        runuser -u "$(chaperone_field "$line" user)" -- certutil -D -d "sql:$(chaperone_field "$line" folder)" -n "$(chaperone_field "$line" nickname)" 2>/dev/null || true
        ;;
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
