#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds an SBOM to the files it speaks of: sbom-check.py SBOM FOLDER VERSION prints ok, or what is wrong and ends 1.

Each jar below FOLDER has one component with its digests and the other way round; the runtime is named; every reference leads somewhere.
"""
import collections
import hashlib
import json
import pathlib
import sys

bom = json.loads(pathlib.Path(sys.argv[1]).read_text())
folder, version = pathlib.Path(sys.argv[2]), sys.argv[3]
wrong = []
lying = {hashlib.sha256(jar.read_bytes()).hexdigest(): jar.name for jar in folder.rglob('*.jar')}
components = bom['components']
named = collections.Counter(h['content'] for c in components for h in c.get('hashes', []) if h['alg'] == 'SHA-256')
wrong += [f'{name} has no component' for digest, name in lying.items() if digest not in named]
for c in components:
    if c['type'] == 'platform':
        continue
    digest = next((h['content'] for h in c.get('hashes', []) if h['alg'] == 'SHA-256'), None)
    if digest not in lying or named[digest] > 1 or not lying[digest].startswith(f'{c["name"]}-{c["version"]}'):
        wrong.append(f'{c["purl"]} lies nowhere')
if [c['name'] for c in components if c['type'] == 'platform'] != ['openjdk']:
    wrong.append('the runtime is not named')
if bom['metadata']['component']['version'] != version:
    wrong.append('its version is ' + bom['metadata']['component']['version'])
refs = [c['bom-ref'] for c in components] + [bom['metadata']['component']['bom-ref']]
wrong += [f'{ref} is there {n} times' for ref, n in collections.Counter(refs).items() if n > 1]
wrong += sorted({f'{to} is referred to and is not there' for d in bom['dependencies'] for to in [d['ref'], *d.get('dependsOn', [])] if to not in refs})
if len(lying) < 60:
    wrong.append(f'only {len(lying)} jars')
print(*wrong[:5] if wrong else ['ok'], sep='; ')
sys.exit(bool(wrong))
