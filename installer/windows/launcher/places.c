/* SPDX-License-Identifier: Apache-2.0 */
#include "places.h"
#include <shlobj.h>
#include <wchar.h>

BOOL home_folder(wchar_t *out) {
  DWORD n = GetModuleFileNameW(NULL, out, PATH_CHARS);
  if (n == 0 || n >= PATH_CHARS) return FALSE;
  for (int up = 0; up < 2; up++) {
    wchar_t *slash = wcsrchr(out, L'\\');
    if (slash == NULL) return FALSE;
    *slash = 0;
  }
  return TRUE;
}

BOOL data_folder(wchar_t *out) {
  PWSTR base = NULL;
  BOOL found = SUCCEEDED(SHGetKnownFolderPath(&FOLDERID_ProgramData, 0, NULL, &base)) && in_folder(out, base, L"Chaperone");
  CoTaskMemFree(base);
  return found;
}

BOOL in_folder(wchar_t *out, const wchar_t *folder, const wchar_t *name) {
  if (wcslen(folder) + 1 + wcslen(name) >= PATH_CHARS) return FALSE;
  wcscpy(out, folder);
  wcscat(out, L"\\");
  wcscat(out, name);
  return TRUE;
}

BOOL add_argument(wchar_t *line, size_t size, const wchar_t *text) {
  size_t at = wcslen(line);
  if (at + 2 * wcslen(text) + 4 > size) return FALSE; /* every character escaped, a space and two quotes */
  if (at > 0) line[at++] = L' ';
  line[at++] = L'"';
  size_t slashes = 0;
  for (; *text; text++) {
    if (*text == L'"') {
      for (size_t i = 0; i <= slashes; i++) line[at++] = L'\\'; /* those before a quote count double, and the quote's own */
    }
    slashes = *text == L'\\' ? slashes + 1 : 0;
    line[at++] = *text;
  }
  for (size_t i = 0; i < slashes; i++) line[at++] = L'\\';
  line[at++] = L'"';
  line[at] = 0;
  return TRUE;
}
