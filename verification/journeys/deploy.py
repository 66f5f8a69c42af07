# SPDX-License-Identifier: Apache-2.0
"""Types the commands of a guide on a server and in a Debian, and compares what they print. Started by deploy.sh.

A command is a line `    PROMPT …` of an indented block: `server$` here, `device#` as root in the Debian, `alice$` as that person there. A command must
end with 0. How printed lines are compared: documented.py.
"""

import os
import re
import shlex
import signal
import subprocess
import sys
import time

from documented import Differs, Shell, match, stop

DOCUMENT, WORK, MACHINE = sys.argv[1:]
LIMIT = 120  # seconds, a command
COMMAND = re.compile(r"    (server\$|device#|alice\$) (.*)")
UNIT = "/lib/systemd/system/chaperone.service"
PID = "/run/chaperone.service.pid"
# What systemd does: a service is started when its package is there, ended before it goes or is replaced.
START = "/proof/scripts/unit-exec.sh %s /run/service.out" % UNIT
# And chaperone-machine.path: the agent wrote the organisation's root, so the machine's stores are brought up to it.
WATCH = (
    "for _ in $(seq 300); do openssl x509 -in /var/lib/chaperone/ca.pem -noout -subject | grep -q 'device root' || break; sleep 0.1; done; "
    "$(sed -n 's/^ExecStart=//p' /lib/systemd/system/chaperone-machine.service)"
)
STOP = 'if [ -f %s ]; then kill "$(cat %s)"; while kill -0 "$(cat %s)" 2>/dev/null; do sleep 0.1; done; rm %s; fi' % (PID, PID, PID, PID)


def commands(text):
    """(line number, prompt, command, [lines it prints]) in the order of the document."""
    found = []
    inside = False
    for number, line in enumerate(text.split("\n"), 1):
        command = COMMAND.fullmatch(line)
        if command:
            found.append((number, *command.groups(), []))
        elif line.startswith("    ") and found and inside:
            found[-1][3].append(line[4:])
        inside = line.startswith("    ")
    return found


class Fleet:
    def __init__(self):
        folder = os.path.join(WORK, "folder")
        self.server = Shell(["bash", "--norc"], folder, LIMIT)
        machine = ["bash", "-c", '. "$1"; machine_run "$2" /bin/bash --norc', "machine", MACHINE, os.path.join(WORK, "machine")]
        self.device = Shell(machine, folder, LIMIT)
        self.running = []
        self.must(self.device, "export DEBIAN_FRONTEND=noninteractive; cd /root")

    def must(self, shell, command):
        status, output = shell.foreground(command)
        if status != 0:
            raise Differs("status %d of %s: %s" % (status, command, output.strip()))

    def run(self, prompt, command, expected):
        if prompt == "server$" and command.startswith("chaperone server"):
            self.background(command, expected)
        elif prompt == "server$":
            self.compare(self.server, command, expected, "report" in command or "devices" in command)
        elif prompt == "alice$":
            self.compare(self.device, "runuser -u alice -- env HOME=/home/alice bash -c %s" % shlex.quote("cd; " + command), expected, False)
        else:
            changes = "install.sh" in command or "apt-get" in command
            if changes:
                self.must(self.device, STOP)
            self.compare(self.device, command, expected, False)
            if "install.sh" in command:
                self.must(self.device, START)
                self.must(self.device, WATCH)

    def compare(self, shell, command, expected, again):
        """again: what goes to the server is there some hundred milliseconds later."""
        until = time.monotonic() + LIMIT
        while True:
            status, output = shell.foreground(command)
            if status != 0:
                raise Differs("status %d: %s" % (status, "\n".join(output.strip().splitlines()[-20:])))
            try:
                if expected:
                    match(expected, output.splitlines(), {})
                return
            except Differs:
                if not again or time.monotonic() > until:
                    raise
            time.sleep(0.5)

    def background(self, command, expected):
        log = os.path.join(WORK, "running-%d" % len(self.running))
        with open(log, "wb") as file:
            process = subprocess.Popen(["bash", "-c", "exec " + command], cwd=os.path.join(WORK, "folder"), stdin=subprocess.DEVNULL, stdout=file, stderr=file)
        self.running.append(process)
        until = time.monotonic() + LIMIT
        while True:
            alive = process.poll() is None
            with open(log) as file:
                output = file.read()
            try:
                match(expected, output.splitlines(), {})
                return
            except Differs:
                if not alive or time.monotonic() > until:
                    raise
            time.sleep(0.1)

    def close(self):
        for process in self.running:
            stop(process)
        self.server.close()
        self.device.close()


def main():
    with open(DOCUMENT) as file:
        guide = commands(file.read())
    if not guide:
        print("deploy: %s holds no command" % DOCUMENT)
        return 1
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what was started is stopped
    fleet = Fleet()
    try:
        for number, prompt, command, expected in guide:
            try:
                fleet.run(prompt, command, expected)
            except Differs as e:
                print("deploy: %s:%d: %s %s\n  %s" % (DOCUMENT, number, prompt, command, e))
                return 1
    finally:
        fleet.close()
    print("deploy: %d commands, %d output lines as documented" % (len(guide), sum(len(e) for *_, e in guide)))
    return 0


sys.exit(main())
