#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Compiles the launchers into OUT, and the library of custom actions beside it when ACTIONS is given.
# Usage: build.sh VERSION OUT [ACTIONS]      (JAVA_HOME: any JDK, for its jni.h; found in the usual places when unset)
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
version=$1 out=$2 actions=${3:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
jni=''
for home in "${CHAPERONE_JAVA_HOME:-}" "${JAVA_HOME:-}" /usr/lib/jvm/* /opt/java/*; do
  [ -n "$home" ] && [ -f "$home/include/jni.h" ] && { jni=$home/include; break; }
done
[ -n "$jni" ] || { echo 'build launchers: jni.h is missing; point JAVA_HOME at a JDK' >&2; exit 3; }
IFS=. read -r major minor patch <<<"$version"
# -s and no time stamp: the same sources give the same bytes. NX, ASLR and high-entropy addresses are on.
flags=(-std=gnu11 -O2 -s -Wall -Wextra -Werror -D_WIN32_WINNT=0x0A00 -DUNICODE -D_UNICODE "-I$here" "-I$jni" -static
  -Wl,--no-insert-timestamp -Wl,--nxcompat -Wl,--dynamicbase -Wl,--high-entropy-va)
resource() { # FILE DESCRIPTION: version, icon and manifest
  sed -e "s/@FILE@/$1/; s/@DESCRIPTION@/$2/; s/@VERSION@/$version/; s/@NUMBERS@/${major},${minor},${patch},0/" "$here/resources.rc.in" >"$work/$1.rc"
  x86_64-w64-mingw32-windres -I "$here" "$work/$1.rc" "$work/$1.o"
}
program() { # NAME DESCRIPTION SOURCE… [LIBRARY…]
  local name=$1 description=$2
  shift 2
  resource "$name.exe" "$description"
  x86_64-w64-mingw32-gcc "${flags[@]}" -o "$out/$name.exe" "$work/$name.exe.o" "$@" -lole32 -lshell32 -ladvapi32 -lcrypt32 -luuid
}
cd "$here"
program chaperone 'Chaperone command line' chaperone.c jvm.c places.c
program chaperone-ui 'Chaperone' chaperone-ui.c jvm.c places.c -mwindows
program chaperone-service 'Chaperone service' chaperone-service.c places.c
if [ -n "$actions" ]; then
  x86_64-w64-mingw32-gcc "${flags[@]}" -shared -o "$actions" actions.c places.c -lmsi -lole32 -lshell32 -ladvapi32 -lcrypt32 -luuid
fi
