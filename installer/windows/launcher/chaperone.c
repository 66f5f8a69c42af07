/* SPDX-License-Identifier: Apache-2.0
 * chaperone.exe: the command line. "ui" starts the person's interface; all else is the agent's. Exit status: docs/command-line.md. */
#include "jvm.h"
#include <shellapi.h>
#include <stdio.h>
#include <wchar.h>

static const java_program AGENT = {L"agent", "dev/chaperone/agent/AgentMain"};
static const java_program UI = {L"ui", "dev/chaperone/ui/launcher/UiMain"};

static void complain(const wchar_t *what) { fwprintf(stderr, L"chaperone: %ls\n", what); }

int main(void) {
  int count;
  wchar_t **arguments = CommandLineToArgvW(GetCommandLineW(), &count); /* no wildcards: they belong to the command */
  if (arguments == NULL) return 3;
  if (count > 1 && wcscmp(arguments[1], L"ui") == 0) return run_java(&UI, count - 2, arguments + 2, complain);
  return run_java(&AGENT, count - 1, arguments + 1, complain);
}
