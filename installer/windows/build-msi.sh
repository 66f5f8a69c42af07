#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds target/chaperone-VERSION-x64.msi on Linux.
# Usage: build-msi.sh [--version V] [--image FOLDER] [--out FILE]
#   --version  three numbers; the project's when left out
#   --image    a folder that jpackage/windows/build-image.sh made; made anew when left out
# CHAPERONE_SIGN names a program that signs the file it is given: launchers, custom actions and the MSI (see .github/workflows/release.yml).
# Needs: wixl, msibuild (Debian: wixl msitools), python3, what build-image.sh needs. Exit status: 0 done, 2 wrong use, 3 something is missing.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)

fail() { printf 'build-msi: %s\n' "$1" >&2; exit "${2:-3}"; }

version=$(sed -n 's|.*<version>\(.*\)</version>.*|\1|p' "$root/pom.xml" | head -1) && version=${version%-SNAPSHOT}
image='' msi=''
while [ $# -gt 1 ]; do
  case "$1" in
    --version) version=$2 ;;
    --image) image=$2 ;;
    --out) msi=$2 ;;
    *) fail "unknown argument '$1'; usage: build-msi.sh [--version V] [--image FOLDER] [--out FILE]" 2 ;;
  esac
  shift 2
done
[ $# = 0 ] || fail 'usage: build-msi.sh [--version V] [--image FOLDER] [--out FILE]' 2
[[ $version =~ ^[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,5}$ ]] || fail "version '$version' is not three numbers, such as 0.1.0" 2
for tool in wixl msibuild python3; do command -v "$tool" >/dev/null || fail "$tool is missing; install it (Debian: apt-get install wixl msitools)"; done

msi=${msi:-$here/target/chaperone-$version-x64.msi}
mkdir -p "$(dirname "$msi")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [ -z "$image" ]; then
  image=$work/image
  "$root/jpackage/windows/build-image.sh" --version "$version" "$image"
fi
mkdir "$work/bin" && "$here/launcher/build.sh" "$version" "$work/bin" "$work/actions.dll"
sign() { [ -z "${CHAPERONE_SIGN:-}" ] || for file; do "$CHAPERONE_SIGN" "$file" || fail "$file could not be signed"; done; }
sign "$work"/bin/*.exe "$work/actions.dll"
cp "$work"/bin/*.exe "$image/bin/" # of this version, whatever image was given
python3 "$root/jpackage/sbom.py" --version "$version" "$image/legal/sbom.cdx.json"

python3 "$here/files.py" "$image" "$here/chaperone.wxs.in" >"$work/chaperone.wxs"
# wixl looks for what the source names beside it, by relative names.
cp -r "$here/launcher" "$work/"
[ "$image" = "$work/image" ] || ln -s "$(cd "$image" && pwd)" "$work/image"
(cd "$work" && wixl -a x64 -D Version="$version" -o made.msi chaperone.wxs)

# What wixl 0.101 cannot write: secure properties, conditions of components and standard actions, their places, types of actions, two tables.
query() { msibuild "$work/made.msi" -q "$1"; }
query "UPDATE Property SET Value='ENROLLMENT_TOKEN;SERVER_URL;POLICY_PROFILE;KEEPDATA;NOTRUST;NOBROWSERPOLICIES;SKIPSERVICESTART;WIX_DOWNGRADE_DETECTED;WIX_UPGRADE_DETECTED' WHERE Property='SecureCustomProperties'"
query "UPDATE InstallExecuteSequence SET Condition='VersionNT AND NOT SKIPSERVICESTART' WHERE Action='StartServices'"
query "UPDATE InstallExecuteSequence SET Sequence=1501 WHERE Action='RemoveExistingProducts'"
for browser in Edge Chrome Firefox; do
  query "UPDATE Component SET Condition='NOT NOBROWSERPOLICIES AND (NOT ${browser^^}PROXY OR ${browser^^}OURS)' WHERE Component='c$browser'"
done
# Types: 1 library, 51 property; 64 its status is ignored, 256 rollback, 512 commit, 1024 in the script, 2048 as SYSTEM, 8192 target not logged.
for action in $(msiinfo export "$work/made.msi" CustomAction | tr -d '\r' | awk -F'\t' 'NR > 3 { print $1 }'); do
  case "$action" in
    SetEnroll) type=$((51 + 8192)) ;;
    Set*) type=51 ;;
    *Undo) type=$((1 + 64 + 256 + 1024 + 2048)) ;;
    ConfigureDone | RemoveData) type=$((1 + 64 + 512 + 1024 + 2048)) ;;
    Enroll) type=$((1 + 1024 + 2048 + 8192)) ;;
    Configure | TrustRoot | SecureService) type=$((1 + 1024 + 2048)) ;;
    *) type=$((1 + 64 + 1024 + 2048)) ;;
  esac
  query "UPDATE CustomAction SET Type=$type WHERE Action='$action'"
done

sddl=$(sed -n 's/^#define DATA_SDDL L"\(.*\)"$/\1/p' "$here/launcher/actions.c")
[ -n "$sddl" ] || fail 'the access list was not found in actions.c'
table() { printf '%s\r\n' "${@:2}" >"$work/$1.idt" && msibuild "$work/made.msi" -i "$work/$1.idt"; }
t=$'\t'
# A package of the same version replaces the installed one (513: the upper end counts). Attributes is part of the key: the table is written anew.
upgrade=$(msiinfo export "$work/made.msi" Property | tr -d '\r' | awk -F'\t' '$1 == "UpgradeCode" { print $2 }')
table Upgrade "UpgradeCode${t}VersionMin${t}VersionMax${t}Language${t}Attributes${t}Remove${t}ActionProperty" "s38${t}S20${t}S20${t}S255${t}i4${t}S255${t}s72" \
  "Upgrade${t}UpgradeCode${t}VersionMin${t}VersionMax${t}Language${t}Attributes" \
  "$upgrade$t$t$version$t${t}513$t${t}WIX_UPGRADE_DETECTED" "$upgrade$t$version$t$t${t}2$t${t}WIX_DOWNGRADE_DETECTED"
table MsiLockPermissionsEx "MsiLockPermissionsEx${t}LockObject${t}Table${t}SDDLText${t}Condition" "s72${t}s72${t}s255${t}s0${t}S255" "MsiLockPermissionsEx${t}MsiLockPermissionsEx" \
  "dataFolder${t}DATADIR${t}CreateFolder${t}$sddl${t}"

sign "$work/made.msi"
mv "$work/made.msi" "$msi"
printf '%s %s bytes\n' "$msi" "$(stat -c %s "$msi")"
