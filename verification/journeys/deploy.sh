#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Types every command of docs/deploy.md, or of the document given: those of the server here, those of a computer in a fresh Debian, in one network
# of their own. As root; needs debootstrap, unshare, and node of verification/journeys/clients/setup.sh. About 2 minutes.
# Ends with 1, naming the line, when a command's status or output is not as the document says, and when no command ran.
# What is not the real thing: no systemd runs in that Debian, so the units' commands are started by deploy.py when systemd would; and it reaches no
# mirror, so apt leaves recommended packages (the interface's libraries) out.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(cd "$here/../.." && pwd)
proof=$ROOT/installer/linux/proof
if [ "${DEPLOY_INSIDE:-}" != yes ]; then
  document=${1:-$ROOT/docs/deploy.md}
  [ "$(id -u)" = 0 ] || { echo 'deploy.sh: root makes namespaces and chroots; run it as root' >&2; exit 3; }
  for tool in debootstrap unshare ip python3 openssl; do command -v $tool >/dev/null || { echo "deploy.sh: $tool is missing" >&2; exit 3; }; done
  NODE=${CLIENTS_NPM:-${XDG_CACHE_HOME:-$HOME/.cache}/chaperone-clients/npm}/node_modules/node/bin/node
  [ -x "$NODE" ] || { echo 'deploy.sh: no node; run verification/journeys/clients/setup.sh' >&2; exit 3; }
  "$ROOT/chaperone" --version >/dev/null || exit 3 # builds when a source is newer
  . "$proof/machine.sh"
  machine_base || { echo 'deploy.sh: no Debian could be made' >&2; exit 3; }
  for version in 0.1.0 0.1.1; do
    [ -f "$ROOT/installer/target/chaperone_${version}_amd64.deb" ] || "$ROOT/installer/linux/build-packages.sh" --version $version deb >/dev/null || exit 3
  done
  WORK=$(mktemp -d "${TMPDIR:-/tmp}/deploy.XXXXXX")
  trap 'rm -rf --one-file-system "$WORK"' EXIT
  export DEPLOY_INSIDE=yes WORK NODE ROOT
  unshare --mount --net --pid --fork --kill-child --mount-proc -- "$0" "$document"
  exit
fi

# ---- in a network of its own
document=$1
ip link set lo up
export CLIENTS=$here/clients UPSTREAM_CA=$WORK/upstream/ca.pem UPSTREAM_LOG=$WORK/upstream/log.jsonl UPSTREAM_FILES=$WORK/upstream/files
eval "$(sed -n '/^make_upstream_certificates() {/,/^}/p' "$CLIENTS/run-upstream.sh"; sed -n '/^await() {/,/^}/p' "$CLIENTS/lib.sh")"
make_upstream_certificates
: >"$UPSTREAM_LOG"
"$NODE" "$CLIENTS/upstream/server.mjs" --port 443 --cert "$WORK/upstream/chain.pem" --key "$WORK/upstream/key.pem" --log "$UPSTREAM_LOG" \
  --files "$UPSTREAM_FILES" >"$WORK/upstream/stdout" 2>"$WORK/upstream/stderr" &
await "$WORK/upstream/stdout" '^ready' $! || { echo "deploy.sh: the stand-in did not start: $(cat "$WORK/upstream/stderr")" >&2; exit 3; }

echo '127.0.0.1 localhost chaperone.example api.openai.com' >"$WORK/hosts"
mount --bind "$WORK/hosts" /etc/hosts
mkdir -p "$WORK/bin" "$WORK/folder" "$WORK/data"
ln -s "$ROOT/chaperone" "$WORK/bin/chaperone"
cp "$ROOT"/installer/target/chaperone_0.1.[01]_amd64.deb "$WORK/folder/"
. "$proof/machine.sh"
machine_new "$WORK/machine" || { echo 'deploy.sh: no fresh Debian' >&2; exit 3; }
cp "$WORK/hosts" "$WORK/machine/etc/hosts"
cp "$UPSTREAM_CA" "$WORK/machine/usr/local/share/ca-certificates/stand-in.crt"
echo 'APT::Install-Recommends "false";' >"$WORK/machine/etc/apt/apt.conf.d/90no-mirror"
machine_run "$WORK/machine" update-ca-certificates >/dev/null 2>&1
export MACHINE_NET=shared MACHINE_BINDS="$proof:/proof/scripts $WORK/folder:/media/it"
export XDG_DATA_HOME=$WORK/data PATH=$WORK/bin:$PATH PYTHONDONTWRITEBYTECODE=1
unset HTTPS_PROXY https_proxy
python3 "$here/deploy.py" "$document" "$WORK" "$proof/machine.sh"
