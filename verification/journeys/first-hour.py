# SPDX-License-Identifier: Apache-2.0
"""Types the commands of a document into one shell and compares what they print. Started by first-hour.sh.

A command is a line `    $ …` of an indented block, continued while it ends in a backslash. The lines of the block that follow are what it
prints, whole and in order; `…` stands for anything within a line, alone on a line for any lines. A command must end with 0. Ports of the
document are mapped to free ones, an eight-digit id to the one that was printed first in its place, `chp1.…` to the last token.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import time

from documented import IDENTIFIER, Differs, Shell, match, stop

DOCUMENT, WORK = sys.argv[1:]
LIMIT = 30  # seconds, a command
FOREVER = re.compile(r"chaperone (server|run|ui)\b")
TOKEN = re.compile(r"chp1\.[A-Za-z0-9_-]+")
DOCUMENTED_PORTS = ("8443", "8444", "8421", "9421")

# What only this machine needs: free ports, the stand-in, its certificate authority. Everything else is typed as documented.
WRAPPER = """#!/bin/sh
case "$1" in
  server) set -- "$@" --listen 127.0.0.1:{8443} --agents-listen 127.0.0.1:{8444} ;;
  run) set -- "$@" --listen 127.0.0.1:{8421} --connect-to :443:127.0.0.1:{stand_in} --upstream-ca {work}/stand-in/ca.pem ;;
esac
exec "$CHECKOUT/chaperone" "$@"
"""


def commands(text):
    """(line number, command, [lines it prints]) in the order of the document."""
    found = []
    lines = text.split("\n")
    at = 0
    inside = False
    while at < len(lines):
        line = lines[at]
        if line.startswith("    $ "):
            number, command = at + 1, line[6:]
            while command.endswith("\\"):
                at += 1
                command += "\n" + lines[at].strip()
            found.append((number, command, []))
        elif line.startswith("    ") and found and inside:
            found[-1][2].append(line[4:])
        inside = line.startswith("    ")
        at += 1
    return found


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    try:
        for s in sockets:
            s.bind(("127.0.0.1", 0))
        return [str(s.getsockname()[1]) for s in sockets]
    finally:
        for s in sockets:
            s.close()


class Hour:
    def __init__(self):
        self.ports = dict(zip(DOCUMENTED_PORTS, free_ports(len(DOCUMENTED_PORTS))))
        self.names = {}  # id of the document -> id that was printed
        self.token = None
        self.running = []
        wrapper = os.path.join(WORK, "bin", "chaperone")
        values = {"stand_in": os.environ["STAND_IN_PORT"], "work": WORK, **self.ports}
        with open(wrapper, "w") as file:
            file.write(re.sub(r"\{(\w+)\}", lambda m: values[m.group(1)], WRAPPER))
        os.chmod(wrapper, 0o755)
        self.folder = os.path.join(WORK, "folder")
        self.shell = Shell(["bash", "--norc"], self.folder, LIMIT)

    def typed(self, command):
        """The command as it is typed here."""
        if "chp1.…" in command:
            command = command.replace("chp1.…", self.token or "")
        command = IDENTIFIER.sub(lambda m: self.names.get(m.group(), m.group()), command)
        return re.sub(r"\b(%s)\b" % "|".join(self.ports), lambda m: self.ports[m.group()], command)

    def shown(self, output):
        """What was printed, with the document's ports."""
        for token in TOKEN.findall(output):
            self.token = token
        back = {real: documented for documented, real in self.ports.items()}
        return re.sub(r"\b(%s)\b" % "|".join(back), lambda m: back[m.group()], output).splitlines()

    def background(self, command, expected):
        """Starts it, and waits until it said what the document shows."""
        log = os.path.join(WORK, "running-%d" % len(self.running))
        with open(log, "wb") as file:
            process = subprocess.Popen(
                ["bash", "-c", "exec " + command], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=file, stderr=file)
        self.running.append(process)
        until = time.monotonic() + LIMIT
        while True:
            alive = process.poll() is None
            with open(log) as file:
                output = file.read()
            try:
                self.compare(expected, self.shown(output))
                break
            except Differs:
                if not alive or time.monotonic() > until:
                    raise
            time.sleep(0.05)
        if command.startswith("chaperone ui"):
            stop(process)

    def compare(self, expected, printed):
        """Raises when the lines are not those of the document. Ids that are new are remembered."""
        if not expected:
            return
        known = dict(self.names)
        match(expected, printed, known)
        self.names = known

    def run(self, command, expected):
        command = self.typed(command)
        if FOREVER.match(command):
            self.background(command, expected)
            return
        until = time.monotonic() + LIMIT
        while True:
            status, output = self.shell.foreground(command)
            if status != 0:
                raise Differs("status %d: %s" % (status, output.strip()))
            try:
                self.compare(expected, self.shown(output))
                return
            except Differs:
                # What goes to the server is there some hundred milliseconds later.
                if not command.startswith("chaperone report usage") or time.monotonic() > until:
                    raise
            time.sleep(0.1)

    def close(self):
        for process in reversed(self.running):
            if process.poll() is None:
                stop(process)
        self.shell.close()


def main():
    with open(DOCUMENT) as file:
        hour = commands(file.read())
    if not hour:
        print("first hour: %s holds no command" % DOCUMENT)
        return 1
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what was started is stopped
    at = Hour()
    try:
        for number, command, expected in hour:
            try:
                at.run(command, expected)
            except Differs as e:
                print("first hour: %s:%d: $ %s\n  %s" % (DOCUMENT, number, command, e))
                return 1
    finally:
        at.close()
    print("first hour: %d commands, %d output lines as documented" % (len(hour), sum(len(e) for _, _, e in hour)))
    return 0


sys.exit(main())
