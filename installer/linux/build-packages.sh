#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Packs the image of jpackage/build-image.sh as installer/target/chaperone_V_amd64.deb and chaperone-V-1.x86_64.rpm.
# Usage: build-packages.sh [--version V] [deb] [rpm]      needs dpkg-deb, rpmbuild; builds the image when there is none
# Jars keep the time that their AOT cache knows; all else has the commit's (SOURCE_DATE_EPOCH), so that two builds are the same.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
image=$root/jpackage/target/image/chaperone
out=$root/installer/target
version=
if [ "${1:-}" = --version ]; then version=$2; shift 2; fi
kinds=${*:-deb rpm}
for kind in $kinds; do
  tool=dpkg-deb
  [ "$kind" = deb ] || tool=rpmbuild
  command -v $tool >/dev/null || { echo "build-packages: $tool is missing" >&2; exit 3; }
done
[ -f "$image/version" ] || "$root/jpackage/build-image.sh"
version=${version:-$(cat "$image/version")}

tree=$out/tree
rm -rf "$tree"
mkdir -p "$tree"/{opt,usr/bin,usr/lib/systemd/system,usr/share/applications,etc/chaperone,etc/xdg/autostart}
cp -a "$image" "$tree/opt/chaperone"
# The launchers' version is the package's.
sed -i "s/^java-options=-Djpackage.app-version=.*/java-options=-Djpackage.app-version=$version/" "$tree"/opt/chaperone/lib/app/*.cfg
printf '%s\n' "$version" >"$tree/opt/chaperone/version"
python3 "$root/jpackage/sbom.py" --version "$version" "$tree/opt/chaperone/sbom.cdx.json"
python3 "$root/jpackage/sbom-check.py" "$tree/opt/chaperone/sbom.cdx.json" "$tree/opt/chaperone/lib/app" "$version" >&2
install -D -m 0644 "$here/files/undo.sh" "$tree/opt/chaperone/share/undo.sh"
install -m 0644 "$here/files/passive-monitor.conf" "$tree/opt/chaperone/share/"
ln -s /opt/chaperone/bin/chaperone "$tree/usr/bin/chaperone"
install -m 0644 "$here"/files/*.service "$here"/files/*.timer "$here"/files/*.path "$tree/usr/lib/systemd/system/"
install -m 0644 "$here/files/chaperone-ui.desktop" "$tree/usr/share/applications/"
install -m 0644 "$here/files/chaperone-ui.desktop" "$tree/etc/xdg/autostart/"
install -m 0644 "$here/files/config.yaml" "$tree/etc/chaperone/"
chmod -R u+rwX,go+rX,go-w "$tree"
# The same sources give the same package: everything else is as old as the commit, which must not make the jars older.
epoch=$(git -C "$root" log -1 --format=%ct 2>/dev/null || echo 0)
jars=$(find "$tree/opt/chaperone/lib/app" -name '*.jar' -printf '%Ts\n' | sort -n | tail -1)
export SOURCE_DATE_EPOCH=$((epoch > jars ? epoch : jars))
find "$tree" ! -name '*.jar' -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +

undo=$(sed '/^#/d' "$here/files/undo.sh")
account=$(sed '/^#/d' "$here/files/account.sh")
with_parts() { UNDO=$1 ACCOUNT=$2 awk '$0 == "@UNDO@" { print ENVIRON["UNDO"]; next } $0 == "@ACCOUNT@" { print ENVIRON["ACCOUNT"]; next } { print }' "$3"; }
for kind in $kinds; do
  if [ "$kind" = deb ]; then
    deb=$out/deb
    rm -rf "$deb"
    cp -al "$tree" "$deb"
    # Debian 12 and its kin have one /usr; /lib is where older ones look.
    mkdir -p "$deb/lib/systemd"
    mv "$deb/usr/lib/systemd/system" "$deb/lib/systemd/system"
    rmdir "$deb/usr/lib/systemd" "$deb/usr/lib"
    # postinst copies it to /etc
    mv "$deb/etc/chaperone/config.yaml" "$deb/opt/chaperone/share/"
    rmdir "$deb/etc/chaperone"
    mkdir -p "$deb/usr/share/doc/chaperone" "$deb/DEBIAN"
    cp "$root/LICENSE" "$deb/usr/share/doc/chaperone/copyright"
    sed "s/@VERSION@/$version/; s/@SIZE@/$(du -sk "$tree" | cut -f1)/" "$here/deb/control" >"$deb/DEBIAN/control"
    cp "$here/deb/conffiles" "$deb/DEBIAN/"
    for script in preinst postinst prerm postrm; do
      with_parts "$undo" "$account" "$here/deb/$script" >"$deb/DEBIAN/$script"
      chmod 0755 "$deb/DEBIAN/$script"
    done
    (cd "$deb" && find . -type f ! -path './DEBIAN/*' -printf '%P\0' | sort -z | xargs -0 md5sum >DEBIAN/md5sums)
    dpkg-deb --root-owner-group -Zzstd -z"${CHAPERONE_PACK_LEVEL:-12}" -b "$deb" "$out/chaperone_${version}_amd64.deb" >&2
    ls -l "$out/chaperone_${version}_amd64.deb"
  else
    # rpm reads a percent sign as the beginning of a macro.
    with_parts "${undo//%/%%}" "${account//%/%%}" "$here/rpm/chaperone.spec" >"$out/chaperone.spec"
    rpmbuild -bb --quiet --define "_topdir $out/rpmbuild" --define "_rpmdir $out" --define "_rpmfilename chaperone-%{version}-%{release}.%{arch}.rpm" \
      --define "chaperone_level ${CHAPERONE_PACK_LEVEL:-12}" --define "chaperone_version $version" --define "chaperone_tree $tree" "$out/chaperone.spec" >&2
    ls -l "$out/chaperone-$version-1.x86_64.rpm"
  fi
done
