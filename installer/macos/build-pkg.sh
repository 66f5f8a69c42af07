#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds target/chaperone-VERSION-ARCH.pkg, a flat package, on Linux or macOS. Unsigned: .github/workflows/release.yml signs and notarises.
# Usage: build-pkg.sh [--version V] [--image FOLDER] [--out FILE] arm64|x64
#   --image  a folder that jpackage/macos/build-image.sh made for the same architecture; made anew when left out
# Needs: python3, what build-image.sh needs. Exit status: 0 done, 2 wrong use, 3 something is missing.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)

fail() { printf 'build-pkg: %s\n' "$1" >&2; exit "${2:-3}"; }

version=$(sed -n 's|.*<version>\(.*\)</version>.*|\1|p' "$root/pom.xml" | head -1) && version=${version%-SNAPSHOT}
image='' pkg=''
while [ $# -gt 1 ]; do
  case "$1" in
    --version) version=$2 ;;
    --image) image=$2 ;;
    --out) pkg=$2 ;;
    *) fail "unknown argument '$1'; usage: build-pkg.sh [--version V] [--image FOLDER] [--out FILE] arm64|x64" 2 ;;
  esac
  shift 2
done
case "${1:-}" in
  arm64) host=arm64 ;;
  x64) host=x86_64 ;;
  *) fail 'usage: build-pkg.sh [--version V] [--image FOLDER] [--out FILE] arm64|x64' 2 ;;
esac
arch=$1
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] || fail "version '$version' is not three numbers, such as 0.1.0" 2
command -v python3 >/dev/null || fail 'python3 is missing; install it'

pkg=${pkg:-$here/target/chaperone-$version-$arch.pkg}
mkdir -p "$(dirname "$pkg")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [ -z "$image" ]; then
  image=$work/image
  "$root/jpackage/macos/build-image.sh" "$arch" "$image"
fi

# What will lie on the disk.
payload=$work/payload
mkdir -p "$payload"/Library/{LaunchDaemons,LaunchAgents} "$payload/usr/local/bin"
cp -R "$image" "$payload/Library/Chaperone"
python3 "$root/jpackage/sbom.py" --version "$version" "$payload/Library/Chaperone/legal/sbom.cdx.json"
mkdir "$payload/Library/Chaperone/libexec"
install -m 644 "$here/machine-steps.sh" "$payload/Library/Chaperone/libexec/"
install -m 755 "$here/uninstall.sh" "$payload/Library/Chaperone/"
install -m 644 "$here/dev.chaperone.agent.plist" "$payload/Library/LaunchDaemons/"
install -m 644 "$here/dev.chaperone.ui.plist" "$payload/Library/LaunchAgents/"
ln -s /Library/Chaperone/bin/chaperone "$payload/usr/local/bin/chaperone"
mkdir "$work/scripts"
install -m 755 "$here"/scripts/{preinstall,postinstall} "$work/scripts/"

# The archive: one component, what the installer shows around it.
flat=$work/flat
mkdir -p "$flat/agent.pkg" "$flat/Resources"
files=$(find "$payload" | wc -l | tr -d ' ')
kbytes=$(du -sk "$payload" | cut -f1)
fill() { sed "s/@VERSION@/$version/g; s/@HOST@/$host/g; s/@KBYTES@/$kbytes/g; s/@FILES@/$files/g" "$1"; }
fill "$here/Distribution.in" >"$flat/Distribution"
fill "$here/PackageInfo.in" >"$flat/agent.pkg/PackageInfo"
cp "$root/LICENSE" "$flat/Resources/LICENSE.txt"
python3 "$here/flatpkg.py" payload "$payload" "$flat/agent.pkg/Payload"
python3 "$here/flatpkg.py" payload "$work/scripts" "$flat/agent.pkg/Scripts"
python3 "$here/flatpkg.py" bom "$payload" "$flat/agent.pkg/Bom"
python3 "$here/flatpkg.py" xar "$flat" "$work/made.pkg"
mv "$work/made.pkg" "$pkg"
printf '%s %s bytes\n' "$pkg" "$(wc -c <"$pkg" | tr -d ' ')"
