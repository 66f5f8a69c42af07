/* SPDX-License-Identifier: Apache-2.0
 * Where the parts of an installation lie. All strings end with NUL and hold at most PATH_CHARS characters. */
#ifndef CHAPERONE_PLACES_H
#define CHAPERONE_PLACES_H
#include <windows.h>
#define PATH_CHARS 4096

/* The folder above the one that holds this program: "C:\Program Files\Chaperone". False when it does not fit. */
BOOL home_folder(wchar_t *out);

/* "C:\ProgramData\Chaperone", from the system, never from the environment. False when the system has none. */
BOOL data_folder(wchar_t *out);

/* out = folder \ name. False when it does not fit. */
BOOL in_folder(wchar_t *out, const wchar_t *folder, const wchar_t *name);

/* Adds text as one argument of a command line, quoted as CommandLineToArgvW reads it. False when it does not fit into size characters. */
BOOL add_argument(wchar_t *line, size_t size, const wchar_t *text);
#endif
