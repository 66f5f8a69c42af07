#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One CycloneDX SBOM of the image on standard output, from the modules' own and the runtime's release file: sbom.py ROOT RELEASE VERSION JARS.
Ends 1 when the jars of the folder JARS and the components are not the same."""
import json
import pathlib
import sys

root, release, version = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]
merged, components, dependencies, ours = None, {}, {}, []
for module in ('agent-core', 'ui'):
    bom = json.loads((root / module / 'target/bom.json').read_text())
    if merged is None:
        merged = bom
    own = bom['metadata']['component']
    components.setdefault(own['purl'], own)
    ours.append(own['bom-ref'])
    for component in bom.get('components', []):
        components.setdefault(component['purl'], component)
    for dependency in bom.get('dependencies', []):
        known = dependencies.setdefault(dependency['ref'], {'ref': dependency['ref'], 'dependsOn': []})
        known['dependsOn'] = sorted(set(known['dependsOn']) | set(dependency.get('dependsOn', [])))
runtime = dict(line.rstrip('\n').split('=', 1) for line in release.open() if '=' in line)
java = runtime['JAVA_RUNTIME_VERSION'].strip('"') if 'JAVA_RUNTIME_VERSION' in runtime else runtime['JAVA_VERSION'].strip('"')
components['runtime'] = {
    'type': 'platform', 'bom-ref': 'pkg:generic/openjdk@' + java, 'name': 'openjdk', 'version': java, 'purl': 'pkg:generic/openjdk@' + java,
    'publisher': runtime.get('IMPLEMENTOR', '').strip('"'),
    'licenses': [{'license': {'id': 'GPL-2.0-with-classpath-exception'}}],
    'description': 'runtime of modules ' + runtime.get('MODULES', '').strip('"'),
}
merged['metadata']['component'] = {'type': 'application', 'bom-ref': 'chaperone', 'name': 'chaperone', 'version': version, 'purl': 'pkg:generic/chaperone@' + version}
merged['components'] = list(components.values())
merged['dependencies'] = list(dependencies.values()) + [{'ref': 'chaperone', 'dependsOn': sorted(set(ours)) + [components['runtime']['bom-ref']]}]

jars = {jar.stem for jar in pathlib.Path(sys.argv[4]).glob('*.jar')}
named = {c['name'] + '-' + c['version'] for c in components.values() if c['type'] != 'platform'}


def is_of(jar, name):
    return jar == name or jar.startswith(name + '-')


missing = sorted(j for j in jars if not any(is_of(j, n) for n in named)) + sorted(n for n in named if not any(is_of(j, n) for j in jars))
if missing:
    sys.exit('sbom: of jars and components only one side has ' + ', '.join(missing))
json.dump(merged, sys.stdout, indent=1)
print()
