#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Collects the jars of agent and user interface for another operating system: Java code from our build, native code of that system only.
# Usage: collect-libs.sh windows-x86_64|osx-aarch_64|osx-x86_64 FOLDER
# Makes FOLDER/common, FOLDER/agent, FOLDER/ui (a program's class path is common and its own) and FOLDER/agent.flags, FOLDER/ui.flags.
# Exit status: 0 done, 2 wrong use, 3 something is missing.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

fail() { printf 'collect-libs: %s\n' "$1" >&2; exit "${2:-3}"; }

[ $# = 2 ] || fail 'usage: collect-libs.sh windows-x86_64|osx-aarch_64|osx-x86_64 FOLDER' 2
case "$1" in
  windows-x86_64) fx=win brotli=native-windows-x86_64 sqlite=Windows/x86_64 zstd=win/amd64 jna=win32-x86-64 ;;
  osx-aarch_64) fx=mac-aarch64 brotli=native-osx-aarch64 sqlite=Mac/aarch64 zstd=darwin/aarch64 jna=darwin-aarch64 ;;
  osx-x86_64) fx=mac brotli=native-osx-x86_64 sqlite=Mac/x86_64 zstd=darwin/x86_64 jna=darwin-x86-64 ;;
  *) fail "unknown system '$1': windows-x86_64, osx-aarch_64 or osx-x86_64" 2 ;;
esac
system=$1 out=$2
for tool in mvn zip unzip; do command -v "$tool" >/dev/null || fail "$tool is missing; install it"; done
for part in agent-core ui; do
  ls "$root/$part/target/lib"/*.jar >/dev/null 2>&1 || fail "$part is not built; run ./chaperone --version first"
done

rm -rf "$out" && mkdir -p "$out"/{common,agent,ui}
cp "$root"/agent-core/target/lib/*.jar "$out/agent/"
cp "$root"/ui/target/lib/*.jar "$out/ui/"

# Jars that hold one system's native code: out with all, in with this system's.
find "$out" -name 'netty-tcnative-boringssl-static-*' ! -name "*-$system.jar" -name '*-*_*.jar' -delete
brotli_version=$(basename "$out"/agent/brotli4j-*.jar .jar) && brotli_version=${brotli_version#brotli4j-}
fx_version=$(basename "$out"/ui/javafx-base-*.jar .jar) && fx_version=${fx_version#javafx-base-} && fx_version=${fx_version%%-*}
rm -f "$out"/agent/native-*.jar "$out"/agent/netty-transport-native-epoll-*.jar "$out"/ui/javafx-*.jar
fetch() { # GROUP ARTIFACT VERSION CLASSIFIER|'' FOLDER: from Maven's local repository, else by Maven
  local kept="$HOME/.m2/repository/${1//.//}/$2/$3/$2-$3${4:+-$4}.jar"
  if [ -f "$kept" ]; then cp "$kept" "$5/" && return 0; fi
  mvn -B -q -N -f "$root/pom.xml" dependency:copy -Dartifact="$1:$2:$3:jar${4:+:$4}" -DoutputDirectory="$5" -Dmdep.useBaseVersion=true </dev/null >&2 \
    || fail "$2 $3 cannot be fetched; Maven says why above"
}
fetch com.aayushatharva.brotli4j "$brotli" "$brotli_version" '' "$out/agent"
for part in base graphics controls; do fetch org.openjfx "javafx-$part" "$fx_version" "$fx" "$out/ui"; done

# Jars that hold every system's native code: this system's stays.
others() { unzip -Z1 "$1" | grep -E '\.(so|dll|dylib|jnilib)$' | grep -v -F "$2/" || true; }
for pair in "sqlite-jdbc:native/$sqlite" "zstd-jni:$zstd" "jna:com/sun/jna/$jna"; do
  jar=$(ls "$out/agent/${pair%%:*}"-[0-9]*.jar)
  others "$jar" "${pair#*:}" | zip -q -d "$jar" -@ >/dev/null
  [ "$(unzip -Z1 "$jar" | grep -cE '\.(so|dll|dylib|jnilib)$')" = 1 ] || fail "$jar does not hold exactly the library of $system"
done

for jar in "$out"/ui/*.jar; do
  twin="$out/agent/$(basename "$jar")"
  if [ -f "$twin" ] && cmp -s "$jar" "$twin"; then
    mv "$jar" "$out/common/" && rm "$twin"
  fi
done

# Comments go; glibc's heap trimming is Linux' alone and would print a warning elsewhere.
flags() { grep -vE '^[[:space:]]*(#|$)|TrimNativeHeapInterval' "$1"; }
flags "$root/agent-core/src/main/jvm/flags" >"$out/agent.flags"
flags "$root/ui/src/main/jvm/flags" >"$out/ui.flags"
