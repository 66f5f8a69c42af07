/* SPDX-License-Identifier: Apache-2.0
 * Stands in for chaperone.exe in the proof of the service host (verify.sh), under wine, where the real agent cannot listen. What it does is said
 * by the first word of C:\ProgramData\Chaperone\stub; what happened to it goes to stub.log beside it. Not part of the package. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#define FOLDER "C:\\ProgramData\\Chaperone\\"

int main(int count, char **arguments) {
  char word[32] = "";
  FILE *in = fopen(FOLDER "stub", "r"), *log = fopen(FOLDER "stub.log", "a");
  if (in == NULL || log == NULL || fscanf(in, "%31s", word) != 1) return 90;
  fprintf(log, "started");
  for (int i = 1; i < count; i++) fprintf(log, " [%s]", arguments[i]);
  fprintf(log, "\n");
  fflush(log);
  fprintf(stderr, "stub: to standard error\n");
  const char *event = getenv("CHAPERONE_STOP_EVENT");
  if (event == NULL) return 91;
  if (strcmp(word, "dies") == 0) return 3;
  if (strcmp(word, "slow") == 0) {
    printf("a line before, chaperone: ready on is not at its beginning\n");
    fflush(stdout);
    Sleep(3000);
  }
  printf("chaperone: ready on 127.0.0.1:8421 ca=x\n");
  fflush(stdout);
  if (strcmp(word, "hangs") == 0) Sleep(INFINITE);
  if (strcmp(word, "later") == 0) {
    Sleep(1500);
    return 0;
  }
  WaitForSingleObject((HANDLE)(UINT_PTR)strtoull(event, NULL, 10), INFINITE);
  fprintf(log, "graceful\n");
  return 0;
}
