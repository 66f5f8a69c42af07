#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Lists a Bom: type, mode, owner, group, size, checksum and path of each entry, tab-separated. Usage: readbom.py FILE

Where apple-bom is missing, verify.sh reads the bill of materials with this. It follows the pointers of the file and shares nothing with the writer."""
import struct
import sys

data = open(sys.argv[1], 'rb').read()
magic, version, _, index, _, names, _ = struct.unpack_from('>8sIIIIII', data)
assert magic == b'BOMStore' and version == 1, 'no Bom'


def block(number):
    assert number < struct.unpack_from('>I', data, index)[0], 'a block that is not there'
    address, length = struct.unpack_from('>II', data, index + 4 + 8 * number)
    return data[address:address + length]


variables, at = {}, names + 4
for _ in range(struct.unpack_from('>I', data, names)[0]):
    number, length = struct.unpack_from('>IB', data, at)
    variables[data[at + 5:at + 5 + length].decode()] = number
    at += 5 + length
assert set(variables) >= {'BomInfo', 'Paths', 'HLIndex', 'VIndex', 'Size64'}, 'a variable is missing'

tag, _, page, _, count = struct.unpack_from('>4sIIII', block(variables['Paths']))
assert tag == b'tree'
while not struct.unpack_from('>H', block(page))[0]:  # down to the first leaf
    page = struct.unpack_from('>I', block(page), 12)[0]
found, seen = {}, []
while page:
    leaf = block(page)
    entries, after = struct.unpack_from('>HI', leaf, 2)
    for i in range(entries):
        info, file = struct.unpack_from('>II', leaf, 12 + 8 * i)
        number, record = struct.unpack('>II', block(info))
        parent = struct.unpack_from('>I', block(file))[0]
        name = block(file)[4:].rstrip(b'\0').decode()
        found[number] = (parent, name, struct.unpack_from('>BBHHIIIIBI', block(record)))
        seen.append((parent, name))
    page = after
assert len(found) == count and seen == sorted(seen), 'entries are missing or out of order'


def path(number):
    parent, name, _ = found[number]
    return name if parent == 0 else path(parent) + '/' + name


for number, (_, _, (kind, _, _, mode, uid, gid, _, size, _, check)) in sorted(found.items()):
    print({1: 'File', 2: 'Directory', 3: 'Link'}[kind], mode, uid, gid, size, check, path(number), sep='\t')
