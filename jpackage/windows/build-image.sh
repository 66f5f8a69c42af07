#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes the folder that the MSI installs as "C:\Program Files\Chaperone": bin (launchers), app (jars, flags, policies), runtime (Java), legal.
# Usage: build-image.sh [--runtime FOLDER] [--version V] OUT
# --runtime takes a Java runtime for Windows instead of fetching one. Needs: ./chaperone built, mvn, python3, x86_64-w64-mingw32-gcc, zip.
# Exit status: 0 done, 2 wrong use, 3 something is missing.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)

fail() { printf 'build-image: %s\n' "$1" >&2; exit "${2:-3}"; }

runtime='' version=0.1.0
while [ $# -gt 1 ]; do
  case "$1" in
    --runtime) runtime=$2 ;;
    --version) version=$2 ;;
    *) fail "unknown argument '$1'; usage: build-image.sh [--runtime FOLDER] [--version V] OUT" 2 ;;
  esac
  shift 2
done
[ $# = 1 ] || fail 'usage: build-image.sh [--runtime FOLDER] [--version V] OUT' 2
out=$1
for tool in x86_64-w64-mingw32-gcc x86_64-w64-mingw32-windres; do
  command -v "$tool" >/dev/null || fail "$tool is missing; install it (Debian: apt-get install gcc-mingw-w64-x86-64-win32)"
done

rm -rf "$out" && mkdir -p "$out"/{bin,legal}
"$root/jpackage/collect-libs.sh" windows-x86_64 "$out/app"
if [ -n "$runtime" ]; then cp -r "$runtime" "$out/runtime"; else "$root/jpackage/fetch-runtime.sh" windows-x86_64 "$out/runtime"; fi
[ -f "$out/runtime/bin/server/jvm.dll" ] || fail "${runtime:-the runtime} is no Java runtime for Windows: bin/server/jvm.dll is missing"
grep -q '^JAVA_VERSION="25[."]' "$out/runtime/release" || fail "${runtime:-the runtime} is not Java 25"
# Programs and import libraries of the JDK that nothing here starts: less to sign, less to misuse.
find "$out/runtime/bin" -name '*.exe' ! -name java.exe -delete
find "$out/runtime/lib" -name '*.lib' -delete
mkdir "$out/app/policies" && cp "$root"/policies/{baseline,strict}.yaml "$out/app/policies/"
# The runtime's list of public roots as PEM, which the service host joins with Windows' own.
keytool=''
for home in "${CHAPERONE_JAVA_HOME:-}" "${JAVA_HOME:-}" /usr/lib/jvm/* /opt/java/*; do
  [ -n "$home" ] && [ -x "$home/bin/keytool" ] && { keytool=$home/bin/keytool; break; }
done
[ -n "$keytool" ] || fail 'keytool is missing; point JAVA_HOME at a JDK'
"$keytool" -J-Duser.language=en -list -rfc -keystore "$out/runtime/lib/security/cacerts" -storepass changeit </dev/null 2>/dev/null \
  | sed -n '/^-----BEGIN CERTIFICATE-----/,/^-----END CERTIFICATE-----/p' >"$out/app/roots.pem" || true
[ "$(grep -c BEGIN "$out/app/roots.pem")" -gt 100 ] || fail "the runtime's list of roots cannot be read"
cp "$root/LICENSE" "$root/NOTICE" "$root/docs/third-party-notices.md" "$out/legal/"

python3 "$root/jpackage/sbom.py" "$root" "$out/runtime/release" "$version" "$out/app" >"$out/legal/sbom.cdx.json"

"$root/installer/windows/launcher/build.sh" "$version" "$out/bin"
