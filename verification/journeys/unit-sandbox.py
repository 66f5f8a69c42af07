# SPDX-License-Identifier: Apache-2.0
"""Runs a command with the rights that a systemd unit and its drop-ins give, where no systemd runs.

`unit-sandbox.py USER UNIT… -- COMMAND…`: files in systemd's order. Applied, read as systemd.exec(5) says: AmbientCapabilities,
CapabilityBoundingSet, NoNewPrivileges (setpriv), RestrictAddressFamilies, SystemCallFilter with its groups (systemd-analyze,
libseccomp), Environment, UMask. USER, a number, stands for User=. Not applied: mounts and cgroups. Replaces itself; 3 when something is missing."""
import ctypes
import errno
import os
import re
import socket
import subprocess
import sys

ALLOW, ERRNO, EQUAL = 0x7FFF0000, 0x00050000, 4


class Compare(ctypes.Structure):
    """libseccomp's struct scmp_arg_cmp."""
    _fields_ = [('arg', ctypes.c_uint), ('op', ctypes.c_int), ('a', ctypes.c_uint64), ('b', ctypes.c_uint64)]


def settings(units):
    """Key → values of [Service] in order; an empty value takes back those before."""
    found = {}
    for unit in units:
        section = ''
        for line in open(unit, encoding='utf-8'):
            line = line.strip()
            if line.startswith('['):
                section = line
            elif section == '[Service]' and '=' in line and line[0] not in '#;':
                key, value = line.split('=', 1)
                found[key] = found.get(key, []) + [value] if value else []
    return found


def words(found, key):
    return ' '.join(found.get(key, [])).split()


def expand(names):
    for name in names:
        if name.startswith('@'):
            said = subprocess.run(['systemd-analyze', 'syscall-filter', name], check=True, capture_output=True, text=True).stdout
            yield from expand(line.strip() for line in said.splitlines()[1:] if line.strip() and line.strip()[0] != '#')
        else:
            yield name


def calls(lines):
    """The calls that are allowed: the first line says that it is a list of those, later ones add or, with ~, take away."""
    allowed = set(expand(['@default']))
    for line in lines:
        change = set(expand(line.lstrip('~').split()))
        allowed = allowed - change if line.startswith('~') else allowed | change
    return allowed


def confine(found):
    lib = ctypes.CDLL('libseccomp.so.2')
    lib.seccomp_init.restype = ctypes.c_void_p
    refused = getattr(errno, found['SystemCallErrorNumber'][-1])
    # execve is systemd's own need too: it is in @default
    allowed = calls(found['SystemCallFilter'])
    first = ctypes.c_void_p(lib.seccomp_init(ERRNO | refused))
    for call in allowed:
        number = lib.seccomp_syscall_resolve_name(call.encode())
        if number >= 0:  # of this architecture
            lib.seccomp_rule_add_array(first, ALLOW, number, 0, None)
    second = ctypes.c_void_p(lib.seccomp_init(ALLOW))
    families = {getattr(socket, f) for f in words(found, 'RestrictAddressFamilies')}
    number = lib.seccomp_syscall_resolve_name(b'socket')
    for family in set(range(64)) - families:
        lib.seccomp_rule_add_array(second, ERRNO | errno.EAFNOSUPPORT, number, 1, ctypes.byref(Compare(0, EQUAL, family, 0)))
    # The one that lets less through last: after it nothing can be loaded.
    for one in (second, first):
        if lib.seccomp_load(one) != 0:
            sys.exit('unit-sandbox: the filter cannot be loaded')


def main():
    user, *rest = sys.argv[1:]
    cut = rest.index('--')
    units, command = rest[:cut], rest[cut + 1:]
    found = settings(units)
    if user != 'confine':
        sets = {k: '-all' + ''.join(',+' + c.lower()[4:] for c in words(found, k)) for k in ('AmbientCapabilities', 'CapabilityBoundingSet')}
        assert found['NoNewPrivileges'][-1] == 'yes'
        os.execvp('setpriv', [
            'setpriv', '--reuid', user, '--regid', user, '--clear-groups', '--inh-caps', sets['AmbientCapabilities'],
            '--ambient-caps', sets['AmbientCapabilities'], '--bounding-set', sets['CapabilityBoundingSet'], '--no-new-privs',
            sys.executable, __file__, 'confine', *rest])
    for pair in words(found, 'Environment'):
        os.environ.__setitem__(*re.match(r'"?([^=]+)=([^"]*)"?$', pair).groups())
    os.umask(int(found['UMask'][-1], 8))
    confine(found)
    os.execvp(command[0], command)


try:
    main()
except (OSError, subprocess.CalledProcessError) as e:
    print(f'unit-sandbox: {e}', file=sys.stderr)
    sys.exit(3)
