/* SPDX-License-Identifier: Apache-2.0
 * chaperone-ui.exe: the person's interface without a console window; the Run key starts it at each sign-in. */
#include "jvm.h"
#include <shellapi.h>

static const java_program UI = {L"ui", "dev/chaperone/ui/launcher/UiMain"};

static void complain(const wchar_t *what) { MessageBoxW(NULL, what, L"Chaperone", MB_OK | MB_ICONERROR); }

int WINAPI WinMain(HINSTANCE self, HINSTANCE none, LPSTR line, int show) {
  (void)self, (void)none, (void)line, (void)show;
  int count;
  wchar_t **arguments = CommandLineToArgvW(GetCommandLineW(), &count);
  if (arguments == NULL) return 3;
  return run_java(&UI, count - 1, arguments + 1, complain);
}
