#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One CycloneDX SBOM of an image on standard output: what lies in it and nothing else, with the digests of the files as they lie there.

    sbom.py ROOT RELEASE VERSION FOLDER   from the modules' own SBOMs below ROOT, the runtime's file RELEASE and the jars below FOLDER
    sbom.py --version VERSION FILE        the same SBOM for a package of another version, in place

A native part of another system gives way to the one that lies there in its place. Ends 1 when a jar has no component, or a component no jar.
"""
import copy
import hashlib
import json
import pathlib
import re
import sys

NATIVE = re.compile(r'^native-(linux|windows|osx)-')  # Brotli's, which says the system in its name and not in a classifier
ALGORITHMS = {'SHA-256': 'sha256', 'SHA-512': 'sha512'}
CHANGED = 'native code of other systems or laid beside the jar, signatures and compression were taken out for this image'


def parts_of(component):
    classifier = re.search(r'[?&]classifier=([^&]+)', component['purl'])
    return component['name'], component['version'], classifier.group(1) if classifier else ''


def file_of(component):
    name, version, classifier = parts_of(component)
    return f'{name}-{version}' + (f'-{classifier}' if classifier else '') + '.jar'


def is_native(component):
    return bool(parts_of(component)[2] or NATIVE.match(component['name']))


def instead(component, jar):
    """The component of a jar that belongs to the same artifact for another system, or None."""
    name, version, classifier = parts_of(component)
    if not is_native(component):
        return None
    if classifier:
        here = re.fullmatch(re.escape(f'{name}-{version}-') + r'([a-z0-9_-]+)\.jar', jar)
        change = here and (f'classifier={classifier}', f'classifier={here.group(1)}')
    else:
        here = re.fullmatch(r'(native-(?:linux|windows|osx)-[a-z0-9_]+)-' + re.escape(version) + r'\.jar', jar)
        change = here and (f'/{name}@', f'/{here.group(1)}@')
    if not change:
        return None
    other = copy.deepcopy(component)
    other['purl'] = other['purl'].replace(*change)
    other['bom-ref'] = other['purl']
    if not classifier:
        other['name'] = here.group(1)
    for key in ('hashes', 'description'):
        other.pop(key, None)
    return other


def digests(component, jar):
    """As the file lies there; a note where it is not as its publisher made it."""
    published = {h['alg']: h['content'] for h in component.get('hashes', [])}
    content = jar.read_bytes()
    component['hashes'] = [{'alg': alg, 'content': hashlib.new(name, content).hexdigest()} for alg, name in ALGORITHMS.items()]
    if component['group'] != 'dev.chaperone' and published.get('SHA-256') != component['hashes'][0]['content']:
        component['pedigree'] = {'notes': CHANGED}


def application(version):
    purl = 'pkg:generic/chaperone@' + version
    return {'type': 'application', 'bom-ref': 'chaperone', 'name': 'chaperone', 'version': version, 'purl': purl}


def runtime_of(release):
    values = {k: v.strip('"') for k, v in (line.rstrip('\n').split('=', 1) for line in release.read_text().splitlines() if '=' in line)}
    java = values.get('JAVA_RUNTIME_VERSION', values['JAVA_VERSION'])
    publisher = {'publisher': values['IMPLEMENTOR']} if values.get('IMPLEMENTOR') else {}
    return publisher | {
        'type': 'platform', 'bom-ref': 'pkg:generic/openjdk@' + java, 'name': 'openjdk', 'version': java, 'purl': 'pkg:generic/openjdk@' + java,
        'licenses': [{'license': {'id': 'GPL-2.0-with-classpath-exception'}}],
        'description': 'runtime of modules ' + values.get('MODULES', ''),
    }


def main(root, release, version, folder):
    merged, components, dependencies, ours = None, {}, {}, []
    for module in ('agent-core', 'ui'):
        bom = json.loads((root / module / 'target/bom.json').read_text())
        merged = merged or bom
        own = bom['metadata']['component']
        ours.append(own['bom-ref'])
        for component in [own] + bom.get('components', []):
            components.setdefault(component['purl'], component)
        for dependency in bom.get('dependencies', []):
            known = dependencies.setdefault(dependency['ref'], set())
            known.update(dependency.get('dependsOn', []))

    jars = {jar.name: jar for jar in sorted(folder.rglob('*.jar'))}
    found = {file_of(c): c for c in components.values() if file_of(c) in jars}
    absent = [c for c in components.values() if file_of(c) not in jars]
    replaced = {}
    for jar in sorted(set(jars) - set(found)):
        for component in absent:
            other = instead(component, jar)
            if other:
                found[jar] = other
                replaced[component['bom-ref']] = other['bom-ref']
                break
    problems = sorted(set(jars) - set(found)) + sorted(file_of(c) for c in absent if not is_native(c))
    if problems:
        sys.exit('sbom: of jars and components only one side has ' + ', '.join(problems))
    for name, component in found.items():
        digests(component, jars[name])

    runtime = runtime_of(release)
    there = {c['bom-ref'] for c in found.values()}
    graph = {}
    for ref, on in dependencies.items():
        of = graph.setdefault(replaced.get(ref, ref), set())
        of.update(replaced.get(r, r) for r in on)
    merged['metadata']['component'] = application(version)
    merged['components'] = [found[name] for name in sorted(found)] + [runtime]
    merged['dependencies'] = [{'ref': ref, 'dependsOn': sorted(graph[ref] & there)} for ref in sorted(graph) if ref in there]
    merged['dependencies'].append({'ref': 'chaperone', 'dependsOn': sorted(ours) + [runtime['bom-ref']]})
    json.dump(merged, sys.stdout, indent=1)
    print()


if sys.argv[1] == '--version':
    file = pathlib.Path(sys.argv[3])
    known = json.loads(file.read_text())
    known['metadata']['component'] = application(sys.argv[2])
    file.write_text(json.dumps(known, indent=1) + '\n')
else:
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3], pathlib.Path(sys.argv[4]))
