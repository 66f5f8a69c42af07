#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes the folder that the PKG installs as /Library/Chaperone: bin (launcher), app (jars, flags, policies), runtime (Java), legal.
# Usage: build-image.sh [--runtime FOLDER] [--version V] arm64|x64 OUT
# --runtime takes a Java runtime for macOS instead of fetching one. Needs: ./chaperone built, mvn, python3, zip. Exit status: 0, 2 wrong use, 3 missing.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)

fail() { printf 'build-image: %s\n' "$1" >&2; exit "${2:-3}"; }

runtime='' version=0.1.0
while [ $# -gt 2 ]; do
  case "$1" in
    --runtime) runtime=$2 ;;
    --version) version=$2 ;;
    *) fail "unknown argument '$1'; usage: build-image.sh [--runtime FOLDER] [--version V] arm64|x64 OUT" 2 ;;
  esac
  shift 2
done
[ $# = 2 ] || fail 'usage: build-image.sh [--runtime FOLDER] [--version V] arm64|x64 OUT' 2
case "$1" in
  arm64) system=osx-aarch_64 ;;
  x64) system=osx-x86_64 ;;
  *) fail "unknown architecture '$1': arm64 or x64" 2 ;;
esac
out=$2

rm -rf "$out" && mkdir -p "$out"/{bin,legal}
"$root/jpackage/collect-libs.sh" "$system" "$out/app"
if [ -n "$runtime" ]; then cp -R "$runtime" "$out/runtime"; else "$root/jpackage/fetch-runtime.sh" "$system" "$out/runtime"; fi
[ -f "$out/runtime/lib/server/libjvm.dylib" ] || fail "${runtime:-the runtime} is no Java runtime for macOS: lib/server/libjvm.dylib is missing"
grep -q '^JAVA_VERSION="25[."]' "$out/runtime/release" || fail "${runtime:-the runtime} is not Java 25"
# Programs of the JDK that nothing here starts: less to sign, less to misuse.
find "$out/runtime/bin" -type f ! -name java -delete
chmod 755 "$out/runtime/bin/java" "$out/runtime/lib/jspawnhelper"
mkdir "$out/app/policies" && cp "$root"/policies/{baseline,strict}.yaml "$out/app/policies/"
cp "$root/LICENSE" "$root/NOTICE" "$root/docs/third-party-notices.md" "$out/legal/"
python3 "$root/jpackage/sbom.py" "$root" "$out/runtime/release" "$version" "$out/app" >"$out/legal/sbom.cdx.json"
install -m 755 "$here/chaperone" "$out/bin/chaperone"
