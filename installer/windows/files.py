#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fills chaperone.wxs.in with the files of an image, one component a file. Usage: files.py IMAGE TEMPLATE > chaperone.wxs

Component GUIDs are made from the path, so that a file keeps its component from version to version."""
import hashlib
import os
import sys
import uuid
from xml.sax.saxutils import quoteattr

NAMESPACE = uuid.UUID('0a4f7f8e-52f7-4f0e-8a56-2f7a3d9c6b11')

# What belongs to a file beside its bytes.
EXTRAS = {
    'bin/chaperone-service.exe': '''
<ServiceInstall Id="svcInstall" Name="ChaperoneService" DisplayName="Chaperone" Description="Inspects what this computer sends to AI services, by your company's policy."
                Type="ownProcess" Start="auto" ErrorControl="normal" Account="NT AUTHORITY\\LocalService"/>
<ServiceControl Id="svcControl" Name="ChaperoneService" Start="install" Stop="both" Remove="uninstall" Wait="yes"/>''',
    'bin/chaperone-ui.exe': '''
<RegistryValue Root="HKLM" Key="Software\\Microsoft\\Windows\\CurrentVersion\\Run" Name="Chaperone" Type="string" Value="&quot;[BINDIR]chaperone-ui.exe&quot;"/>''',
}


def identifier(path):
    return hashlib.sha1(path.encode()).hexdigest()[:24]


def walk(image, folder, out, components):
    entries = sorted(os.listdir(os.path.join(image, folder)))
    for name in entries:
        path = f'{folder}/{name}' if folder else name
        full = os.path.join(image, path)
        if os.path.isdir(full):
            directory = 'BINDIR' if path == 'bin' else 'd' + identifier(path)
            out.append(f'<Directory Id="{directory}" Name={quoteattr(name)}>')
            walk(image, path, out, components)
            out.append('</Directory>')
        else:
            key = identifier(path)
            components.append('c' + key)
            out.append(f'<Component Id="c{key}" Guid="{uuid.uuid5(NAMESPACE, path)}" Win64="yes">'
                       f'<File Id="f{key}" Name={quoteattr(name)} Source={quoteattr("image/" + path)} KeyPath="yes"/>{EXTRAS.get(path, "")}</Component>')


def main():
    image, template = sys.argv[1:]
    out, components = [], []
    walk(image, '', out, components)
    with open(template, encoding='utf-8') as source:
        text = source.read()
    for path in EXTRAS:
        if 'c' + identifier(path) not in components:
            sys.exit(f'files: {path} is missing in {image}')
    print(text.replace('@FILES@', '\n'.join(out)).replace('@REFERENCES@', '\n'.join(f'<ComponentRef Id="{c}"/>' for c in components)))


main()
