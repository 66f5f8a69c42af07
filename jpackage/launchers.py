#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes a jpackage launcher's configuration: its own class path, and the flags file of its module.

launchers.py ROOT APP NAME MODULE MAIN      class path and flags
launchers.py --with-cache APP NAME…         names the trained cache
"""
import pathlib
import sys

QUIET = [
    '-XX:+UnlockDiagnosticVMOptions', '-XX:ArchiveRelocationMode=0',  # see docs/adr/0018
    '-Xlog:aot=off', '-Xlog:aot*=off', '-Xlog:cds=off', '-Xlog:cds*=off']  # a cache that does not match is passed over without a word

# Libraries lie beside the jars (natives.py); Netty, SQLite, zstd and Brotli look where java.library.path says, JNA where its own option does.
NATIVE = ['-Djava.library.path=$APPDIR', '-Dorg.sqlite.lib.path=$APPDIR', '-Djna.boot.library.path=$APPDIR', '-Djna.nounpack=true']


def flags(file):
    lines = [line.strip() for line in file.read_text().splitlines()]
    # -Xshare:auto is what AOTMode=auto means, and the JVM takes only one of the two.
    return [line for line in lines if line and not line.startswith("#") and not line.startswith("-Xshare:")]


if sys.argv[1] == '--with-cache':
    app = pathlib.Path(sys.argv[2])
    for name in sys.argv[3:]:
        config = app / f'{name}.cfg'
        cache = app / f'{name}.aot'
        if not cache.is_file():
            sys.exit(f'launchers: {cache} was not made')
        with config.open('a') as out:
            for option in [f'-XX:AOTCache=$APPDIR/{name}.aot', *QUIET]:
                out.write(f'java-options={option}\n')
    sys.exit()

root, app, name, module, main = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), *sys.argv[3:6]
jars = sorted(p.name for p in (root / module / 'target/lib').glob('*.jar'))
present = [j for j in jars if (app / j).is_file()]
text = ['[Application]', *(f'app.classpath=$APPDIR/{j}' for j in present), f'app.mainclass={main}', '', '[JavaOptions]']
options = ['-Djpackage.app-version=' + (app / 'chaperone.cfg').read_text().split('jpackage.app-version=')[1].split()[0], *flags(root / module / 'src/main/jvm/flags'), *NATIVE]
text += [f'java-options={o}' for o in options]
(app / f'{name}.cfg').write_text('\n'.join(text) + '\n')
