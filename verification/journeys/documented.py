# SPDX-License-Identifier: Apache-2.0
"""A shell that types the commands of a document, and what they print held against it. Used by first-hour.py and deploy.py.

Lines are compared whole and in order; `…` stands for anything within a line, alone on a line for any lines. An eight-digit id is whatever was
printed first in its place.
"""

import os
import re
import selectors
import subprocess
import time

IDENTIFIER = re.compile(r"\b(?=[0-9a-f]{0,7}[0-9])[0-9a-f]{8}\b")
END = "documented-command-ended"


class Differs(Exception):
    """What the document says is not so; the message begins with the line's number."""


class Shell:
    """One shell that lives from command to command."""

    def __init__(self, words, folder, limit):
        self.limit = limit  # seconds, a command
        self.process = subprocess.Popen(words, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def foreground(self, command):
        """Runs it to its end: (status, output)."""
        self.process.stdin.write(("{ %s\n} </dev/null; printf '\\n%s %%s\\n' $?\n" % (command, END)).encode())
        self.process.stdin.flush()
        output = b""
        until = time.monotonic() + self.limit
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            while True:
                ended = re.search(rb"\n%s (\d+)\n" % END.encode(), output)
                if ended:
                    return int(ended.group(1)), output[: ended.start()].decode()
                if not selector.select(max(0, until - time.monotonic())):
                    raise Differs("it does not end within %d s" % self.limit)
                more = os.read(self.process.stdout.fileno(), 1 << 16)
                if not more:
                    raise Differs("the shell ended")
                output += more

    def close(self):
        self.process.stdin.close()
        stop(self.process)


def stop(process):
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def match(expected, printed, known):
    """Raises when the lines are not those of the document; known maps its ids to those that were printed, and is added to."""
    at = 0
    skip = False
    for line in expected:
        if line == "…":
            skip = True
            continue
        while at < len(printed) and not same(line, printed[at], known):
            if not skip:
                raise Differs("documented: %s\n  printed: %s" % (line, printed[at]))
            at += 1
        if at == len(printed):
            raise Differs("not printed: %s\n  printed: %s" % (line, "\n           ".join(printed)))
        at += 1
        skip = False
    if at < len(printed) and not skip:
        raise Differs("not documented: %s" % printed[at])


def same(line, printed, known):
    new = []

    def identifier(found):
        if found in known:
            return re.escape(known[found])
        new.append(found)
        return "([0-9a-f]{8})"

    pattern = ""
    at = 0
    for part in re.finditer(IDENTIFIER.pattern + "|…", line):
        pattern += re.escape(line[at : part.start()])
        pattern += ".*" if part.group() == "…" else identifier(part.group())
        at = part.end()
    found = re.fullmatch(pattern + re.escape(line[at:]), printed)
    if found:
        known.update(zip(new, found.groups()))
    return found is not None
