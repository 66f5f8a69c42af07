#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Proves the PKG without a Mac: archive, payload, bill of materials, scripts and plists are read by tools that did not write them; the scripts run
# with stand-ins for Apple's tools; agent, server and the company's proxy (squid) are real. One line a check; exit status 1 when one is red. What only a
# Mac can show stands in README.md.
# Usage: verify.sh [--break NAME]   (bom, mode, foreign, plist, undo, own, fleet, proxy, began: breaks the package on purpose; the run must end red)
#   CHAPERONE_ONLY_SCRIPTS=1   without archive, payload and Bom: the scripts alone, as they lie in the tree
# Needs: python3 bsdtar cpio zip unzip mvn cksum openssl squid, odumpbom (crate apple-bom; fetched by cargo when there is one); ./chaperone built.
# About 2 minutes.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
broken=''
[ "${1:-}" = --break ] && broken=${2:-}

reds=0
ok() { printf 'ok    %s\n' "$1"; }
red() { printf 'RED   %s\n' "$1"; reds=$((reds + 1)); }
check() { # WHAT COMMAND…
  local what=$1
  shift
  if "$@" >/dev/null 2>&1; then ok "$what"; else red "$what"; fi
}
equal() { if [ "$2" = "$3" ]; then ok "$1"; else red "$1: expected '$3', found '$2'"; fi; }
lines() { # WHAT COMMAND…: each line it prints is a check's result, "ok …" or "RED …"
  local line printed=0
  while IFS= read -r line; do
    printed=1
    case "$line" in 'ok '*) ok "${line#ok }" ;; *) red "${line#RED }" ;; esac
  done < <("${@:2}" 2>&1)
  [ "$printed" = 1 ] || red "$1 printed nothing"
}

tools=${XDG_CACHE_HOME:-$HOME/.cache}/chaperone/tools
export PATH="$PATH:$tools/bin:$HOME/.cargo/bin"
if ! command -v odumpbom >/dev/null && command -v cargo >/dev/null; then
  cargo install -q --locked --root "$tools" --version 0.3.0 apple-bom >/dev/null 2>&1 || cargo install -q --root "$tools" --version 0.3.0 apple-bom >/dev/null 2>&1
fi
export PATH="$PATH:/usr/sbin" # squid
for tool in python3 bsdtar cpio cksum zip unzip mvn openssl squid; do
  command -v "$tool" >/dev/null || { red "$tool is missing"; exit 1; }
done

command -v odumpbom >/dev/null || echo 'NOT RUN: the Bom read by apple-bom (neither odumpbom nor cargo is here); readbom.py reads it alone'

work=$(mktemp -d)
pids=()
finish() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null; done
  wait 2>/dev/null
  rm -rf "$work"
}
trap finish EXIT
tree=$work/tree
mkdir "$tree"
for entry in "$root"/*; do [ "$(basename "$entry")" = installer ] || ln -s "$entry" "$tree/"; done
cp -r "$root/installer" "$tree/"
source=$tree/installer/macos
case "$broken" in
  '' | foreign) ;;
  bom) sed -i 's/size, 1, check, len(link)/size, 1, check \& ~1, len(link)/' "$source/flatpkg.py" ;;
  mode) sed -i 's/(0o755 if mode \& 0o100 else 0o644)/0o644/' "$source/flatpkg.py" ;;
  plist) sed -i 's/<string>_chaperone<\/string>/<string>root<\/string>/' "$source/dev.chaperone.agent.plist" ;;
  own) sed -i 's|^  own="$support/data/device-root.pem"$|  own="$support/data/nothing"|' "$source/machine-steps.sh" ;;
  fleet) sed -i 's|^  own="$support/data/device-root.pem"$|  own="$support/data/ca.pem"|' "$source/machine-steps.sh" ;;
  proxy) sed -i 's| set -- "$@" --config "$support/config.yaml"$| :|' "$source/machine-steps.sh" ;;
  began) sed -i 's/^    undo_begun_folders$/    undo_folders/' "$source/scripts/postinstall" ;;
  undo) sed -i 's/^    networksetup -setautoproxystate "$name" "$state"$/    :/' "$source/machine-steps.sh" ;;
  *) red "unknown break '$broken'"; exit 2 ;;
esac
[ "$broken" = '' ] || [ "$broken" = foreign ] || ! diff -rq "$root/installer" "$tree/installer" >/dev/null || { red "the break '$broken' changed nothing"; exit 2; }

# ---- the formats, for each architecture

archs='arm64 x64'
[ -z "${CHAPERONE_ONLY_SCRIPTS:-}" ] || archs=''
for arch in $archs; do
  "$tree/jpackage/macos/build-image.sh" "$arch" "$work/image-$arch" || { red "the image for $arch is built"; exit 1; }
  [ "$broken" != foreign ] || cp "$root"/agent-core/target/lib/netty-transport-native-epoll-*.jar "$work/image-$arch/app/agent/"
  pkg=$work/chaperone-$arch.pkg
  "$source/build-pkg.sh" --version 0.1.0 --image "$work/image-$arch" --out "$pkg" "$arch" >/dev/null || { red "the package for $arch is built"; exit 1; }
  size=$(stat -c %s "$pkg")
  [ "$size" -le $((80 * 1024 * 1024)) ] && ok "$arch: the package holds $size bytes (at most 80 MiB)" || red "$arch: the package holds $size bytes, more than 80 MiB"
  flat=$work/flat-$arch disk=$work/disk-$arch
  mkdir "$flat" "$disk"
  check "$arch: bsdtar reads the archive" bsdtar -xf "$pkg" -C "$flat"
  lines "$arch: xar" python3 - "$pkg" "$flat" "$arch" <<'PY'
import hashlib, os, struct, sys, zlib
from xml.etree import ElementTree
pkg, flat, arch = sys.argv[1:]
data = open(pkg, 'rb').read()
magic, size, version, packed, length, algorithm = struct.unpack('>4sHHQQI', data[:28])
say = lambda good, what: print('ok' if good else 'RED', f'{arch}: {what}')
say(magic == b'xar!' and version == 1 and algorithm == 1, 'xar header, SHA-1')
toc = data[size:size + packed]
xml = zlib.decompress(toc)
heap = data[size + packed:]
say(len(xml) == length and heap[:20] == hashlib.sha1(toc).digest(), 'the checksum of the table of contents holds')
bad, seen, end = [], [], 20
def walk(node, base):
    global end
    for file in node.findall('file'):
        path = os.path.join(base, file.findtext('name'))
        part = file.find('data')
        if part is None:
            walk(file, path)
            continue
        offset, size = int(part.findtext('offset')), int(part.findtext('size'))
        content = heap[offset:offset + size]
        if hashlib.sha1(content).hexdigest() != part.findtext('archived-checksum') or content != open(os.path.join(flat, path), 'rb').read():
            bad.append(path)
        seen.append(path)
        end = max(end, offset + size)
walk(ElementTree.fromstring(xml).find('toc'), '')
say(not bad, 'each checksum of the archive holds, and bsdtar found the same bytes')
say(sorted(seen) == ['Distribution', 'Resources/LICENSE.txt', 'agent.pkg/Bom', 'agent.pkg/PackageInfo', 'agent.pkg/Payload', 'agent.pkg/Scripts'], 'what a flat package holds, none else')
say(end == len(heap), 'nothing behind the last file')
PY
  check "$arch: GNU cpio unpacks the payload" sh -c "gunzip -c '$flat/agent.pkg/Payload' | (cd '$disk' && cpio -idm --quiet)"
  check "$arch: the interface's Java bears the name in the notification profile" grep -aq '<string>net.java.openjdk.java</string>' "$disk/Library/Chaperone/runtime/bin/java"
  check "$arch: the payload's program files are those of the image" diff -rq --no-dereference -x libexec -x uninstall.sh -x sbom.cdx.json "$work/image-$arch" "$disk/Library/Chaperone"
  equal "$arch: the SBOM names what lies there, by digest" "$(python3 "$root/jpackage/sbom-check.py" "$disk/Library/Chaperone/legal/sbom.cdx.json" "$disk/Library/Chaperone/app" 0.1.0)" ok
  gunzip -c "$flat/agent.pkg/Payload" | cpio -itv --numeric-uid-gid --quiet >"$work/listing" 2>/dev/null
  if command -v odumpbom >/dev/null; then odumpbom "$flat/agent.pkg/Bom" paths >"$work/bom" 2>/dev/null; else : >"$work/bom"; fi
  python3 "$here/readbom.py" "$flat/agent.pkg/Bom" >"$work/bom-own"
  lines "$arch: contents" python3 - "$arch" "$disk" "$work/listing" "$work/bom" "$work/bom-own" "$flat" <<'PY'
import os, plistlib, re, stat, struct, subprocess, sys, zipfile
from xml.etree import ElementTree
arch, disk, listing, bom, own, flat = sys.argv[1:]
say = lambda good, what, more='': print('ok' if good else 'RED', f'{arch}: {what}' + (f': {more}' if more and not good else ''))

# the payload as cpio lists it
packed = {}
for line in open(listing):
    mode, links, uid, gid, size, *rest = line.split(None, 8)
    name, _, link = rest[-1].rstrip('\n').partition(' -> ')
    packed['.' if name == '.' else './' + name.removeprefix('./')] = (mode, uid, gid, int(size), link)
say(len(packed) > 300 and all(v[1:3] == ('0', '0') for v in packed.values()), f'{len(packed)} entries, all of root:wheel')
writable = [n for n, v in packed.items() if v[0][0] != 'l' and (v[0][5] == 'w' or v[0][8] == 'w')]
say(not writable, 'nothing that others may write', writable[:3])
programs = {n for n, v in packed.items() if v[0].startswith('-rwxr-xr-x')}
must = {'./Library/Chaperone/bin/chaperone', './Library/Chaperone/runtime/bin/java', './Library/Chaperone/runtime/lib/jspawnhelper', './Library/Chaperone/uninstall.sh'}
say(must <= programs, 'programs may be run', must - programs)
say(packed.get('./usr/local/bin/chaperone', ('', '', '', 0, ''))[4] == '/Library/Chaperone/bin/chaperone', 'chaperone is on the PATH')

# the bill of materials
sums = {}
files = sorted(n for n in packed if packed[n][0][0] == '-')
for i in range(0, len(files), 400):
    out = subprocess.run(['cksum', '--', *files[i:i + 400]], cwd=disk, capture_output=True, text=True).stdout.splitlines()
    sums.update((n, line.split()[0]) for n, line in zip(files[i:i + 400], out))
def bill(reader, listed):
    say(set(listed) == set(packed), f'the Bom lists the same {len(listed)} paths ({reader})', sorted(set(listed) ^ set(packed))[:3])
    wrong = []
    for name, (mode, uid, gid, size, link) in packed.items():
        entry = listed.get(name, ('', 0, 0, 0, 0, ''))
        same = stat.filemode(entry[1]) == mode and entry[2:4] == (0, 0) and entry[0] == {'-': 'File', 'd': 'Directory', 'l': 'Link'}[mode[0]]
        if mode[0] == '-':
            same = same and entry[4] == size and entry[5] == sums[name]
        if not same:
            wrong.append((name, entry, mode, size, sums.get(name)))
    say(not wrong, f'with the same types, modes, owners, sizes and checksums ({reader}, cksum)', wrong[:1])
def number(kind, mode, uid, gid, size, check, path):
    return path, (kind, int(mode), int(uid), int(gid), int(size), check)
bill('readbom.py', dict(number(*line.rstrip('\n').split('\t')) for line in open(own)))
if os.path.getsize(bom):
    listed = {}
    for block in re.findall(r'BomPath \{(.*?)\n    \}', open(bom).read(), re.S):
        field = lambda name: re.search(rf'\b{name}: (?:Some\(\s*)?("(?:[^"\\]|\\.)*"|[\w:-]+)', block).group(1).strip('"')
        path, entry = number(field('path_type'), *(field(f) for f in ('file_mode', 'user_id', 'group_id', 'size', 'crc32', 'path')))
        listed[path] = entry
    bill('apple-bom', listed)

# native code of this architecture only
cpu = {'arm64': 0x0100000C, 'x64': 0x01000007}[arch]
def machine(head):
    magic = struct.unpack('<I', head[:4])[0]
    if magic == 0xFEEDFACF:
        return [struct.unpack('<I', head[4:8])[0]]
    if struct.unpack('>I', head[:4])[0] in (0xCAFEBABE, 0xCAFEBABF):
        return [struct.unpack('>I', head[8 + 20 * i:12 + 20 * i])[0] for i in range(struct.unpack('>I', head[4:8])[0])]
    return []
foreign, natives = [], 0
for base, _, names in os.walk(disk):
    for name in names:
        path = os.path.join(base, name)
        if os.path.islink(path):
            continue
        if name.endswith('.jar'):
            with zipfile.ZipFile(path) as jar:
                for entry in jar.namelist():
                    if re.search(r'\.(so|dll|dylib|jnilib)$', entry):
                        natives += 1
                        if cpu not in machine(jar.open(entry).read(4096)):
                            foreign.append(f'{name}:{entry}')
        else:
            head = open(path, 'rb').read(4096)
            if head[:4] in (b'\x7fELF', b'MZ\x90\0') or head[:4] == b'\xcf\xfa\xed\xfe' or name.endswith('.dylib'):
                natives += 1
                if cpu not in machine(head):
                    foreign.append(path)
say(natives > 30 and not foreign, f'{natives} native files, all Mach-O for this architecture', foreign[:3])

# plists
agent = plistlib.load(open(f'{disk}/Library/LaunchDaemons/dev.chaperone.agent.plist', 'rb'))
say(agent['Label'] == 'dev.chaperone.agent' and agent['UserName'] == agent['GroupName'] == '_chaperone' and agent['KeepAlive'] is True
    and agent['ThrottleInterval'] >= 10 and agent['RunAtLoad'] is True and agent['Umask'] == 0o077 and agent['HardResourceLimits']['Core'] == 0,
    'the daemon runs as _chaperone, is kept alive, throttled, leaves no core')
say(agent['ProgramArguments'][:3] == ['/Library/Chaperone/bin/chaperone', 'run', '--no-ui'], 'the daemon starts the agent without an interface')
ui = plistlib.load(open(f'{disk}/Library/LaunchAgents/dev.chaperone.ui.plist', 'rb'))
say(ui['LimitLoadToSessionType'] == 'Aqua' and ui['KeepAlive'] == {'SuccessfulExit': False} and ui['ProgramArguments'][:2] == ['/Library/Chaperone/bin/chaperone', 'ui'],
    'the interface starts in sessions with a screen')
say('EnvironmentVariables' not in agent and not re.search(r'chp1\.|token|password|secret', str(agent) + str(ui), re.I), 'no secret in the plists')
say(len(ui['ProgramArguments'][3].encode()) <= 103, "the socket's path fits")

# what the installer reads
root = ElementTree.parse(f'{flat}/Distribution').getroot()
host = {'arm64': 'arm64', 'x64': 'x86_64'}[arch]
ref = root.findall('pkg-ref')[-1]
say(root.tag == 'installer-gui-script' and root.findtext('title') and root.find('options').get('hostArchitectures') == host
    and root.find('domains').attrib == {'enable_anywhere': 'false', 'enable_currentUserHome': 'false', 'enable_localSystem': 'true'}
    and root.find('volume-check/allowed-os-versions/os-version').get('min') == '13.0' and ref.text == '#agent.pkg' and ref.get('version') == '0.1.0',
    'Distribution: title, architecture, domains, oldest system, component')
say(os.path.isfile(f"{flat}/Resources/{root.find('license').get('file')}"), 'the licence is there')
info = ElementTree.parse(f'{flat}/agent.pkg/PackageInfo').getroot()
say(info.get('identifier') == 'dev.chaperone.agent' == ref.get('id') and info.get('install-location') == '/' and info.get('auth') == 'root'
    and int(info.find('payload').get('numberOfFiles')) == len(packed), 'PackageInfo: identifier, place, rights, number of files')
PY
  scripts=$work/scripts-$arch
  mkdir "$scripts"
  check "$arch: GNU cpio unpacks the scripts" sh -c "gunzip -c '$flat/agent.pkg/Scripts' | (cd '$scripts' && cpio -idm --quiet)"
  equal "$arch: preinstall and postinstall, both programs" "$(cd "$scripts" && find . -type f -perm -100 | sort | tr '\n' ' ')" './postinstall ./preinstall '
  for script in "$scripts"/* "$disk/Library/Chaperone/uninstall.sh" "$disk/Library/Chaperone/libexec/machine-steps.sh" "$disk/Library/Chaperone/bin/chaperone"; do
    check "$arch: $(basename "$script") is shell" sh -n "$script"
    if command -v shellcheck >/dev/null; then check "$arch: shellcheck $(basename "$script")" shellcheck -s sh -e SC1091,SC2015,SC2034,SC2154 "$script"; fi
  done
done
if [ -n "$archs" ]; then
  "$source/build-pkg.sh" --version 0.1.0 --image "$work/image-arm64" --out "$work/again.pkg" arm64 >/dev/null
  check 'the same image gives the same bytes' cmp "$work/again.pkg" "$work/chaperone-arm64.pkg"
else
  echo 'NOT RUN: archive, payload and Bom (CHAPERONE_ONLY_SCRIPTS)'
  mkdir -p "$work/disk-arm64/Library/Chaperone/"{bin,libexec} "$work/disk-arm64/Library/"{LaunchDaemons,LaunchAgents} "$work/disk-arm64/usr/local/bin" "$work/scripts-arm64"
  cp "$source/machine-steps.sh" "$work/disk-arm64/Library/Chaperone/libexec/" && cp "$source/uninstall.sh" "$work/disk-arm64/Library/Chaperone/"
  cp "$source"/scripts/{preinstall,postinstall} "$work/scripts-arm64/"
fi

# ---- the scripts, with stand-ins for Apple's tools and everything below a folder. The agent is this system's, the server and the proxy are real ones

mac=$work/mac
mkdir -p "$mac/bin" "$mac/state/dscl" "$mac/state/net" "$mac/state/trust" "$mac/var"
cp "$here/stand-ins.sh" "$mac/bin/stand-in"
for tool in dscl networksetup security launchctl pkgutil sudo stat chown; do ln -s stand-in "$mac/bin/$tool"; done
chmod +x "$mac/bin/stand-in"
fresh() { # a Mac with network services, two without a configuration of their own
  rm -rf "$mac/state" "$mac/disk"
  mkdir -p "$mac/state/dscl" "$mac/state/net" "$mac/state/trust" "$mac/state/loaded" "$mac/disk/Library/Keychains"
  printf 'URL: (null)\nEnabled: No\n' >"$mac/state/net/Wi-Fi"
  printf 'URL: http://pac.example.com/old.pac\nEnabled: No\n' >"$mac/state/net/USB LAN"
  printf 'URL: http://pac.example.com/own.pac\nEnabled: Yes\n' >"$mac/state/net/Thunderbolt Bridge"
}
support="$mac/disk/Library/Application Support/Chaperone"
place() { # copies the payload, paths moved below the folder
  cp -r "$work/disk-arm64/." "$mac/disk/"
  mkdir -p "$mac/scripts"
  for script in preinstall postinstall; do sed "s|/Library|$mac/disk/Library|g; s|/usr/local|$mac/disk/usr/local|g" "$work/scripts-arm64/$script" >"$mac/scripts/$script"; done
  sed -i "s|/Library|$mac/disk/Library|g; s|/usr/local|$mac/disk/usr/local|g" "$mac/disk/Library/Chaperone/uninstall.sh" "$mac/disk/Library/Chaperone/libexec/machine-steps.sh"
  rm -f "$mac/disk/usr/local/bin/chaperone" && ln -s "$mac/disk/Library/Chaperone/bin/chaperone" "$mac/disk/usr/local/bin/chaperone"
  cp "$mac/bin/stand-in" "$mac/disk/Library/Chaperone/bin/chaperone" # Java for macOS does not run here
}
run() { PATH="$mac/bin:$PATH" MAC="$mac" AGENT="$root/chaperone" FAIL="${FAIL:-}" sh "$@" >"$mac/said" 2>&1; }
said() { grep -q "$1" "$mac/said"; }
state() { (cd "$mac" && find state disk -type f -o -type l -o -type d -empty | sort | while IFS= read -r f; do printf '%s %s\n' "$f" "$(cksum <"$f" 2>/dev/null)"; done); }
changed() { # FILE: what differs from a state of before, but for what the package's own receipt takes away
  rm -f "$mac/state/chaperone"
  state >"$work/after"
  diff "$1" "$work/after" | grep '^[<>]' | grep -vE 'disk/(Library/(LaunchDaemons|LaunchAgents|Logs|Application Support)|usr/local/bin) '
}
hash() { openssl x509 -in "$1" -noout -fingerprint -sha1 | sed 's/.*=//; s/://g'; }
keychain() { (cd "$mac/state/trust" && find . -type f | sort | tr '\n' ' '); }
entry() { printf './%s.certificate ./%s.trusted ' "$1" "$1"; }
await() { for _ in $(seq 150); do "$@" >/dev/null 2>&1 && return 0; sleep 0.2; done; return 1; }

company() { # a server that is reached by the company's proxy alone: nobody but squid knows its name
  local port
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  "$root/chaperone" server --data-dir "$work/server" --listen 127.0.0.1:0 --agents-listen 127.0.0.1:0 --public-host server.company.test --token-uses 9 >"$work/server.out" 2>&1 &
  pids+=($!)
  mkdir -m 777 "$work/squid"
  echo '127.0.0.1 server.company.test' >"$work/squid/hosts"
  printf '%s\n' "http_port 127.0.0.1:$port" "hosts_file $work/squid/hosts" 'http_access allow all' 'cache deny all' "access_log stdio:$work/squid/access.log" \
    "cache_log $work/squid/cache.log" "pid_filename $work/squid/squid.pid" "coredump_dir $work/squid" 'shutdown_lifetime 1 seconds' 'pinger_enable off' \
    'max_filedescriptors 1024' >"$work/squid.conf"
  squid -N -f "$work/squid.conf" >"$work/squid.out" 2>&1 &
  pids+=($!)
  chmod 755 "$work"
  await grep -q '^enrolment token: ' "$work/server.out" && await python3 -c "import socket; socket.create_connection(('127.0.0.1', $port))" || { red 'server and squid start'; cat "$work/server.out" "$work/squid.out"; exit 1; }
  token=$(sed -n 's/^enrolment token: //p' "$work/server.out")
  proxy="upstream-proxy: http://127.0.0.1:$port"
}

if [ "$(id -u)" = 0 ]; then
  company

  # a Mac that no company manages
  fresh
  state >"$work/before"
  run "$work/scripts-arm64/preinstall" || true
  place
  check 'postinstall ends with 0' run "$mac/scripts/postinstall"
  check 'the account is hidden, without shell and home' sh -c "grep -qx 1 '$mac/state/dscl/Users/_chaperone/IsHidden' && grep -qx /usr/bin/false '$mac/state/dscl/Users/_chaperone/UserShell'"
  own=$(hash "$support/data/ca.pem")
  equal "the device's own root is trusted" "$(keychain)" "$(entry "$own")"
  check 'network services without a configuration are told the PAC' grep -q 8421/proxy.pac "$mac/state/net/Wi-Fi"
  check 'one with a configuration of its own is left alone' grep -q own.pac "$mac/state/net/Thunderbolt Bridge"
  check 'daemon and interface are loaded' sh -c "[ -e '$mac/state/loaded/system' ] && [ -e '$mac/state/loaded/gui' ]"
  check 'postinstall can be repeated' run "$mac/scripts/postinstall"
  equal 'no second line in the ledger' "$(wc -l <"$support/undo-proxies")" 2
  check 'nothing is asked of chaperone machine, which is for Linux' sh -c "! grep -q '^machine' '$mac/state/chaperone'"
  check 'uninstall.sh ends with 0' run "$mac/disk/Library/Chaperone/uninstall.sh"
  equal 'uninstall.sh leaves nothing: the state before and after is the same' "$(changed "$work/before")" ''

  # the same Mac, enrolled by an upgrade
  fresh
  state >"$work/before"
  place
  check 'stand-alone first' run "$mac/scripts/postinstall"
  own=$(hash "$support/data/ca.pem")
  echo "$proxy" >>"$support/config.yaml"
  echo "$token" >"$support/enrollment-token"
  check 'an upgrade enrols it' run "$mac/scripts/postinstall"
  fleet=$(hash "$support/data/ca.pem")
  check "clients are to trust the organisation's root" test "$fleet" != "$own"
  check "the key of the device's own root is gone" test ! -e "$support/data/keys/device-root-key"
  touch "$mac/state/trust/$fleet.certificate" "$mac/state/trust/$fleet.trusted" # IT's profile
  check 'uninstall.sh ends with 0 on an enrolled Mac' run "$mac/disk/Library/Chaperone/uninstall.sh"
  equal "it takes the device's own root and leaves the organisation's" "$(keychain)" "$(entry "$fleet")"
  rm -f "$mac/state/trust/$fleet".*
  equal 'and leaves nothing else' "$(changed "$work/before")" ''

  # a company's Mac from the first moment: MDM put configuration and token there
  fresh
  place
  mkdir -p "$support"
  printf '%s\n' 'listen: 127.0.0.1:8421' "$proxy" >"$support/config.yaml"
  echo 'chp1.none' >"$support/enrollment-token"
  state >"$work/before"
  if run "$mac/scripts/postinstall"; then red 'a token that is none ends the installation'; else ok 'a token that is none ends the installation'; fi
  check 'and says so in one line' said 'not an enrolment token'
  equal 'what IT had put there is left' "$(cd "$support" && find . -type f | sort | tr '\n' ' ')" './config.yaml ./enrollment-token '
  place
  echo "$token" >"$support/enrollment-token"
  : >"$work/squid/access.log"
  check 'a token of the server enrols it' run "$mac/scripts/postinstall"
  check "by the company's proxy" await grep -q 'CONNECT server.company.test:' "$work/squid/access.log"
  check 'its token is gone' test ! -e "$support/enrollment-token"
  check 'the token is in no argument' sh -c "! grep -q 'chp1' '$mac/state/chaperone'"
  check 'no root of its own is made' test ! -e "$support/data/device-root.pem"
  fleet=$(hash "$support/data/ca.pem")
  touch "$mac/state/trust/$fleet.certificate" "$mac/state/trust/$fleet.trusted"
  check 'uninstall.sh --keep-data ends with 0' run "$mac/disk/Library/Chaperone/uninstall.sh" --keep-data
  equal "it leaves the organisation's root" "$(keychain)" "$(entry "$fleet")"
  check 'and the data' test -e "$support/data/server.json"

  # a configuration that is not there yet
  place
  rm "$support/config.yaml"
  echo 'chp1.none' >"$support/enrollment-token"
  printf '%s\n' ". '$mac/disk/Library/Chaperone/libexec/machine-steps.sh'" do_enrol >"$work/enrol"
  run "$work/enrol"
  equal 'without config.yaml the enrolment names none' "$(grep '^enroll' "$mac/state/chaperone" | tail -1)" "enroll --data-dir $support/data -"

  for failing in dscl sudo launchctl; do
    fresh
    state >"$work/before"
    place
    if FAIL=$failing run "$mac/scripts/postinstall"; then red "a failing $failing ends the installation"; else ok "a failing $failing ends the installation"; fi
    equal "and leaves nothing" "$(changed "$work/before")" ''
  done
else
  echo 'NOT RUN: the scripts (uninstall.sh asks for root)'
fi

printf '%s\n' "not verified here (README.md says how on a Mac): Apple's installer, launchd, the keychain's question, Java and Gatekeeper on macOS, signing"
[ "$reds" = 0 ] || { echo "$reds red"; exit 1; }
echo 'all green'
