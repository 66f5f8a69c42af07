# SPDX-License-Identifier: Apache-2.0
# Walks the undo ledger without Java, for a package whose programs are damaged or gone already. Sourced by the packages' scripts.
# A file of ours goes or gets back what was there before; nothing that is not in the ledger is touched.
chaperone_field() { printf '%s\n' "$1" | sed -n 's/.*"'"$2"'":"\([^"]*\)".*/\1/p'; }

chaperone_undo() {
  ledger=/var/lib/chaperone-undo
  [ -f "$ledger/ledger.jsonl" ] || { rm -rf "$ledger"; return 0; }
  refresh=
  lines=$(mktemp)
  grep '"op":"+"' "$ledger/ledger.jsonl" | sed '1!G;h;$!d' >"$lines" || true
  while IFS= read -r line; do
    path=$(chaperone_field "$line" path)
    backup=$(chaperone_field "$line" backup)
    case $line in
      *'"kind":"file"'* | *'"kind":"keys"'* | *'"kind":"keystore"'*)
        [ -n "$path" ] || continue
        rm -f "$(dirname "$path")/.$(basename "$path").chaperone-new"
        if [ -n "$backup" ] && [ -f "$ledger/backup/$backup" ]; then
          [ -d "$(dirname "$path")" ] && cp -p "$ledger/backup/$backup" "$path"
        elif [ -z "$backup" ]; then
          rm -f "$path"
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
