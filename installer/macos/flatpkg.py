#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the three formats of a flat macOS package that no Linux tool writes well: payload (cpio, odc), bill of materials (Bom), archive (xar).

    flatpkg.py payload FOLDER OUT      FOLDER as cpio odc, gzip; owned by root:wheel
    flatpkg.py bom FOLDER OUT          what lsbom reads
    flatpkg.py xar FOLDER OUT          FOLDER's content as a xar archive, uncompressed, SHA-1 (what installer and pkgutil read)

Sources: xar's file format (mackyle/xar wiki), the Bom layout as bomutils and apple-bom describe it, POSIX cksum and cpio. Time stamps are fixed
(SOURCE_DATE_EPOCH, else 2026-01-01): the same folder gives the same bytes."""
import gzip
import hashlib
import os
import stat
import struct
import subprocess
import sys
import time
import zlib
from xml.sax.saxutils import escape

WHEN = int(os.environ.get('SOURCE_DATE_EPOCH', '1767225600'))


def entries(folder):
    """Relative paths of all that lies in folder, '.' first, parents before their children, siblings by name."""
    yield '.'
    for base, folders, files in os.walk(folder):
        folders.sort()
        inner = os.path.relpath(base, folder)
        for name in sorted(files + folders):
            yield './' + os.path.normpath(os.path.join(inner, name))
        folders[:] = [f for f in folders if not os.path.islink(os.path.join(base, f))]


def mode_of(path):
    """As the package will have it: nothing writable by others, folders and programs readable by all."""
    mode = os.lstat(path).st_mode
    if stat.S_ISLNK(mode):
        return stat.S_IFLNK | 0o755
    if stat.S_ISDIR(mode):
        return stat.S_IFDIR | 0o755
    return stat.S_IFREG | (0o755 if mode & 0o100 else 0o644)


# ---- cpio, the old portable format: octal fields, then the name, then the content

def payload(folder, out):
    with open(out, 'wb') as raw, gzip.GzipFile('', 'wb', 9, raw, mtime=WHEN) as sink:
        inode = 0
        for name in entries(folder):
            path = os.path.join(folder, name)
            mode = mode_of(path)
            if stat.S_ISLNK(mode):
                content = os.readlink(path).encode()
            elif stat.S_ISDIR(mode):
                content = b''
            else:
                with open(path, 'rb') as source:
                    content = source.read()
            inode += 1
            sink.write(header(name, mode, inode, len(content)))
            sink.write(content)
        sink.write(header('TRAILER!!!', 0, 0, 0, when=0))


def header(name, mode, inode, size, when=WHEN):
    raw = name.encode() + b'\0'
    links = 2 if stat.S_ISDIR(mode) else 1
    return b'070707%06o%06o%06o%06o%06o%06o%06o%011o%06o%011o' % (0, inode, mode, 0, 0, links, 0, when, len(raw), size) + raw


# ---- Bom: a store of numbered blocks and named variables; Paths is a tree of leaves that name each path's record

LEAF = 256


class Store:
    def __init__(self):
        self.blocks = [b'']  # block 0 is nobody's
        self.variables = []

    def add(self, data):
        self.blocks.append(data)
        return len(self.blocks) - 1

    def tree(self, leaf, size, count):
        return self.add(b'tree' + struct.pack('>IIIIB', 1, leaf, size, count, 0))

    def empty_tree(self, size):
        return self.tree(self.add(struct.pack('>HHII', 1, 0, 0, 0)), size, 0)

    def name(self, variable, block):
        self.variables.append((variable, block))

    def write(self, out):
        body, table = bytearray(), []
        for block in self.blocks:
            table.append((512 + len(body) if block else 0, len(block)))
            body += block
        names = struct.pack('>I', len(self.variables))
        for variable, block in self.variables:
            names += struct.pack('>IB', block, len(variable)) + variable.encode()
        names_at = 512 + len(body)
        body += names
        index = struct.pack('>I', len(table)) + b''.join(struct.pack('>II', *entry) for entry in table) + struct.pack('>I', 2) + bytes(16)
        index_at = 512 + len(body)
        body += index
        head = b'BOMStore' + struct.pack('>IIIIII', 1, len(self.blocks) - 1, index_at, len(index), names_at, len(names))
        with open(out, 'wb') as sink:
            sink.write(head.ljust(512, b'\0') + body)


def checksums(folder, names):
    """POSIX cksum of each regular file."""
    files = [n for n in names if stat.S_ISREG(os.lstat(os.path.join(folder, n)).st_mode)]
    found = {}
    for start in range(0, len(files), 500):
        part = files[start:start + 500]
        lines = subprocess.run(['cksum', '--', *part], cwd=folder, check=True, capture_output=True, text=True).stdout.splitlines()
        found.update((name, int(line.split()[0])) for name, line in zip(part, lines))
    return found


def cksum(data):
    return int(subprocess.run(['cksum'], input=data, check=True, capture_output=True).stdout.split()[0])


def bom(folder, out):
    names = list(entries(folder))
    sums = checksums(folder, names)
    store = Store()
    info = store.add(struct.pack('>III', 1, len(names) + 1, 0))
    numbers = {name: number for number, name in enumerate(names, 1)}
    keyed = []
    for name in names:
        path = os.path.join(folder, name)
        mode = mode_of(path)
        link = os.readlink(path).encode() + b'\0' if stat.S_ISLNK(mode) else b''
        kind = 3 if link else 2 if stat.S_ISDIR(mode) else 1
        size = len(link) - 1 if link else 0 if kind == 2 else os.lstat(path).st_size
        check = cksum(link[:-1]) if link else sums.get(name, 0)
        record = store.add(struct.pack('>BBHHIIIIBII', kind, 1, 15, mode, 0, 0, WHEN, size, 1, check, len(link)) + link)
        parent = numbers[os.path.dirname(name) or '.'] if name != '.' else 0
        file = store.add(struct.pack('>I', parent) + os.path.basename(name).encode() + b'\0')
        keyed.append(((parent, os.path.basename(name)), store.add(struct.pack('>II', numbers[name], record)), file))
    keyed.sort()
    leaves = [keyed[i:i + LEAF] for i in range(0, len(keyed), LEAF)]
    first = len(store.blocks)
    for i, leaf in enumerate(leaves):  # they know each other by number
        store.add(struct.pack('>HHII', 1, len(leaf), first + i + 1 if i + 1 < len(leaves) else 0, first + i - 1 if i else 0)
                  + b''.join(struct.pack('>II', record, file) for _, record, file in leaf))
    top = first
    if len(leaves) > 1:
        top = store.add(struct.pack('>HHII', 0, len(leaves), 0, 0) + b''.join(struct.pack('>II', first + i, leaf[-1][2]) for i, leaf in enumerate(leaves)))
    paths = store.tree(top, 4096, len(keyed))
    store.name('BomInfo', info)
    store.name('Paths', paths)
    store.name('HLIndex', store.empty_tree(4096))
    store.name('VIndex', store.add(struct.pack('>IIIB', 1, store.empty_tree(128), 0, 0)))
    store.name('Size64', store.empty_tree(4096))
    store.write(out)


# ---- xar: a header, a compressed table of contents in XML, then the files

def xar(folder, out):
    heap = [b'']  # the checksum of the table takes the first 20 bytes
    position, number = 20, 0
    lines = []

    def add(base):
        nonlocal position, number
        for name in sorted(os.listdir(base)):
            path = os.path.join(base, name)
            number += 1
            kind = 'directory' if os.path.isdir(path) else 'file'
            lines.append(f'<file id="{number}"><name>{escape(name)}</name><type>{kind}</type><mode>{"0755" if kind == "directory" else "0644"}</mode>'
                         '<uid>0</uid><user>root</user><gid>0</gid><group>wheel</group>')
            if kind == 'directory':
                add(path)
            else:
                with open(path, 'rb') as source:
                    content = source.read()
                digest = hashlib.sha1(content).hexdigest()
                lines.append(f'<data><length>{len(content)}</length><offset>{position}</offset><size>{len(content)}</size><encoding style="application/octet-stream"/>'
                             f'<extracted-checksum style="sha1">{digest}</extracted-checksum><archived-checksum style="sha1">{digest}</archived-checksum></data>')
                heap.append(content)
                position += len(content)
            lines.append('</file>')

    add(folder)
    created = time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(WHEN))
    toc = ('<?xml version="1.0" encoding="UTF-8"?>\n<xar><toc><checksum style="sha1"><size>20</size><offset>0</offset></checksum>'
           f'<creation-time>{created}</creation-time>' + ''.join(lines) + '</toc></xar>').encode()
    packed = zlib.compress(toc, 9)
    heap[0] = hashlib.sha1(packed).digest()
    with open(out, 'wb') as sink:
        sink.write(b'xar!' + struct.pack('>HHQQI', 28, 1, len(packed), len(toc), 1) + packed)
        for content in heap:
            sink.write(content)


def main():
    actions = {'payload': payload, 'bom': bom, 'xar': xar}
    if len(sys.argv) != 4 or sys.argv[1] not in actions:
        print('usage: flatpkg.py payload|bom|xar FOLDER OUT', file=sys.stderr)
        sys.exit(2)
    actions[sys.argv[1]](sys.argv[2], sys.argv[3])


main()
