/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CHAPERONE_JVM_H
#define CHAPERONE_JVM_H
#include <windows.h>

/* A Java program of the installation: the folder under app\ that holds its jars, its flags file there, its main class. */
typedef struct {
  const wchar_t *part;
  const char *main_class; /* with slashes */
} java_program;

/* Runs a program in this process and gives its exit status; most end the process by themselves (System.exit).
 * Arguments reach it as they are, in UTF-16: java.exe would press them through the machine's code page.
 * complain is told one line when Java cannot be started; the status is 3 then. */
int run_java(const java_program *program, int count, wchar_t **arguments, void (*complain)(const wchar_t *));
#endif
