#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Keeps one platform's native libraries in a folder of jars: natives.py OS ARCH FOLDER (linux x86_64 …).

Drops the jars of other platforms, and other platforms' entries of jars that carry all; takes signatures out of jars whose
classes an AOT cache would otherwise leave out, and a security provider that nobody uses. Lays this platform's libraries beside the jars, where
launchers.py points to: nothing is unpacked at run time, into a folder where nothing may run (noexec) or somebody else may write.
Jars are stored uncompressed: a package's own compression, over all of them, makes them a quarter smaller than each by itself.
Ends 1 when a jar that brings native code gave no library for this platform, or two of one name.
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
    return True


def rewrite(path):
    """The libraries that now lie beside it, or None of a jar without native code."""
    beside, native = [], False
    with zipfile.ZipFile(path) as old:
        fresh = path.with_suffix('.new')
        with zipfile.ZipFile(fresh, 'w', zipfile.ZIP_STORED) as new:
            for info in old.infolist():
                library = NATIVE.search(info.filename)
                native = native or library
                if not wanted(path.name, info.filename):
                    continue
                data = old.read(info)
                if library:
                    beside.append((pathlib.PurePath(info.filename).name, data))
                    continue
                if info.filename == 'META-INF/MANIFEST.MF':
                    data = re.split(rb'\r?\n\r?\n', data, maxsplit=1)[0] + b'\r\n\r\n'  # digests of entries go with the signature
                info.compress_type = zipfile.ZIP_STORED
                new.writestr(info, data)
    fresh.replace(path)
    for name, data in beside:
        library = path.parent / name
        if library.exists():
            sys.exit(f'natives: {path.name}: there is a {name} already')
        library.write_bytes(data)
        library.chmod(0o644)
    return [name for name, _ in beside] if native else None


SUFFIX = {'linux': '.so', 'windows': '.dll', 'osx': ('.dylib', '.jnilib')}[OS]
wrong = []
for jar in sorted(FOLDER.glob('*.jar')):
    other = CLASSIFIER.search(jar.name)
    if other and (other[1], other[2]) != (OS, ARCH.replace('aarch64', 'aarch_64')):
        jar.unlink()
        continue
    libraries = rewrite(jar)
    if libraries is None:
        continue
    print(f'natives: {jar.name}: {" ".join(libraries)}', file=sys.stderr)
    if not libraries or not all(name.endswith(SUFFIX) for name in libraries):
        wrong.append(jar.name)
if wrong or not list(FOLDER.glob('*' + (SUFFIX if isinstance(SUFFIX, str) else SUFFIX[0]))):
    sys.exit(f'natives: no native library of {OS} {ARCH} in ' + (', '.join(wrong) or str(FOLDER)))
