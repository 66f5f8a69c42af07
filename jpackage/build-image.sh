#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds jpackage/target/image/chaperone: a runtime without jmods, the launchers chaperone (service and command line) and
# chaperone-ui, this platform's natives only, a trained AOT cache each, an SBOM and the notices.
# Usage: build-image.sh [--version V]     needs JDK 25 with jpackage, Maven, zip, python3, cc, objcopy; for the UI's training Xvfb
# Every step fails loudly; nothing outside jpackage/target and the modules' own target folders is written.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
version=$(sed -n '0,/<version>\([0-9.]*\)-SNAPSHOT/s//\n\1\n/p' "$root/pom.xml" | grep -m1 '^[0-9]')
[ "${1:-}" = --version ] && version=$2
jdk=${JAVA_HOME:-}
[ -x "$jdk/bin/jpackage" ] && grep -q '^JAVA_VERSION="25[."]' "$jdk/release" || jdk=$(ls -d /usr/lib/jvm/*25*/ 2>/dev/null | while read -r d; do [ -x "$d/bin/jpackage" ] && echo "${d%/}" && break; done)
[ -n "$jdk" ] || { echo 'build-image: no JDK 25 with jpackage; set JAVA_HOME' >&2; exit 3; }
for tool in mvn zip unzip python3 cc objcopy Xvfb; do command -v $tool >/dev/null || { echo "build-image: $tool is missing" >&2; exit 3; }; done

work=$here/target
image=$work/image/chaperone
app=$image/lib/app
# A cache knows each jar by size and time: every copy gets this one, also in the packages.
jar_time=@1767225600

# Builds what is stale; the launcher knows when.
"$root/chaperone" --version >/dev/null
(cd "$root" && JAVA_HOME=$jdk mvn -B -q -Dchaperone.commit="$(git rev-parse --short HEAD 2>/dev/null || echo unknown)" -Dmaven.test.skip=true -Dspotless.check.skip=true \
  -pl agent-core,ui -am package org.cyclonedx:cyclonedx-maven-plugin:makeBom </dev/null >&2)
rm -rf "$work/input" "$work/runtime" "$work/image" "$work/training"
mkdir -p "$work/input"

echo 'build-image: jars' >&2
cp "$root"/agent-core/target/lib/*.jar "$work/input/"
cp "$root"/ui/target/lib/*.jar "$work/input/"
python3 "$here/natives.py" linux x86_64 "$work/input"

echo 'build-image: runtime' >&2
"$jdk/bin/jlink" --add-modules "$(sed '/^#/d' "$here/modules" | paste -sd,)" --strip-debug --no-header-files --no-man-pages --compress=zip-0 --include-locales=en,de --output "$work/runtime"

echo 'build-image: launchers' >&2
"$jdk/bin/jpackage" --type app-image --name chaperone --app-version "$version" --vendor Chaperone --input "$work/input" --runtime-image "$work/runtime" \
  --main-jar "$(basename "$work"/input/chaperone-agent-core-*.jar)" --main-class dev.chaperone.agent.AgentMain \
  --add-launcher chaperone-ui="$here/ui.properties" --dest "$work/image"
# See linux/launcher.c for why jpackage's own does not stay.
cc -O2 -Wall -Wextra -Werror -o "$work/launcher" "$here/linux/launcher.c" -ldl
for launcher in chaperone chaperone-ui; do install -m 0755 "$work/launcher" "$image/bin/$launcher"; done
rm -f "$image/lib/libapplauncher.so"
touch -d "$jar_time" "$app"/*.jar
python3 "$here/launchers.py" "$root" "$app" chaperone agent-core dev.chaperone.agent.AgentMain
python3 "$here/launchers.py" "$root" "$app" chaperone-ui ui dev.chaperone.ui.launcher.UiMain
echo 'build-image: libraries' >&2
mapfile -t options < <(sed -n 's/^java-options=\(-D.*\)/\1/p' "$app/chaperone.cfg" | sed "s#\$APPDIR#$app#")
"$jdk/bin/java" "${options[@]}" --enable-native-access=ALL-UNNAMED -Dslf4j.internal.verbosity=ERROR -Djava.io.tmpdir=/nonexistent -cp "$app/*" "$here/NativesCheck.java" "$app" >&2
cp "$root/LICENSE" "$root/NOTICE" "$root/docs/third-party-notices.md" "$image/"
python3 "$here/sbom.py" "$root" "$work/runtime/release" "$version" "$app" >"$image/sbom.cdx.json"

echo 'build-image: training' >&2
"$here/train.sh" "$jdk" "$root" "$image" "$work/training"
# bin/java made the caches; the launchers do without it, and nobody else is to start programs with our runtime.
rm -rf "$image/lib/runtime/bin"
python3 "$here/launchers.py" --with-cache "$app" chaperone chaperone-ui
printf '%s\n' "$version" >"$image/version"
du -sm "$image" | sed 's/^/build-image: MB /' >&2
