#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Keeps one platform's native libraries in a folder of jars: natives.py OS ARCH FOLDER (linux x86_64 …).

Drops the jars of other platforms, and other platforms' entries of jars that carry all; takes signatures out of jars whose
classes an AOT cache would otherwise leave out, and a security provider that nobody uses; lays JavaFX's libraries beside its jars, so that nothing is unpacked at run time.
Jars are stored uncompressed: a package's own compression, over all of them, makes them a quarter smaller than each by itself.
Ends 1 when a native library of another platform is left, or none of this one.
"""
import pathlib
import re
import sys
import zipfile

OS, ARCH, FOLDER = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
SQLITE = {'linux': 'Linux', 'windows': 'Windows', 'osx': 'Mac'}[OS] + '/' + ARCH
ZSTD = {'linux': 'linux/amd64', 'windows': 'win/amd64', 'osx': 'darwin/' + ARCH}[OS]
NATIVE = re.compile(r'\.(so|dll|dylib|jnilib)$')
CLASSIFIER = re.compile(r'-(linux|windows|osx)-(x86_64|aarch_64|aarch64|riscv64)\b')
SIGNATURE = re.compile(r'^META-INF/[^/]+\.(SF|RSA|DSA|EC)$')


def wanted(jar, entry):
    if SIGNATURE.match(entry):
        return False
    if jar.startswith('bcprov') and entry == 'META-INF/services/java.security.Provider':
        return False  # certificates are minted with its classes, never through a provider: any search for one would load 450 of them
    if not NATIVE.search(entry):
        return True
    if jar.startswith('sqlite-jdbc'):
        return f'/native/{SQLITE}/' in '/' + entry
    if jar.startswith('zstd-jni'):
        return entry.startswith(ZSTD + '/')
    if jar.startswith('jna-'):
        return f'/{OS.replace("windows", "win32").replace("osx", "darwin")}-{ARCH.replace("_", "-")}/' in '/' + entry
    if jar.startswith('javafx-'):
        return False  # beside the jar
    return True


def rewrite(path):
    beside = []
    with zipfile.ZipFile(path) as old:
        drop = [e for e in old.namelist() if not wanted(path.name, e)]
        fresh = path.with_suffix('.new')
        with zipfile.ZipFile(fresh, 'w', zipfile.ZIP_STORED) as new:
            for info in old.infolist():
                if info.filename in drop:
                    if path.name.startswith('javafx-') and NATIVE.search(info.filename):
                        beside.append((info.filename, old.read(info)))
                    continue
                data = old.read(info)
                if info.filename == 'META-INF/MANIFEST.MF':
                    data = re.split(rb'\r?\n\r?\n', data, maxsplit=1)[0] + b'\r\n\r\n'  # digests of entries go with the signature
                info.compress_type = zipfile.ZIP_STORED
                new.writestr(info, data)
    fresh.replace(path)
    for name, data in beside:
        library = path.parent / pathlib.PurePath(name).name
        library.write_bytes(data)


for jar in sorted(FOLDER.glob('*.jar')):
    other = CLASSIFIER.search(jar.name)
    if other and (other[1], other[2]) != (OS, ARCH.replace('aarch64', 'aarch_64')):
        jar.unlink()
        continue
    rewrite(jar)

SUFFIX = {'linux': '.so', 'windows': '.dll', 'osx': ('.dylib', '.jnilib')}[OS]
left = [(j.name, e) for j in FOLDER.glob('*.jar') for e in zipfile.ZipFile(j).namelist() if NATIVE.search(e)]
foreign = [f'{j}: {e}' for j, e in left if not e.endswith(SUFFIX)]
if foreign or not left:
    sys.exit('natives: ' + ('; '.join(foreign) or 'no native library of ' + OS + ' is left'))
for name, entry in left:
    print(f'natives: {name}: {entry}', file=sys.stderr)
