/* SPDX-License-Identifier: Apache-2.0 */
#include "jvm.h"
#include "places.h"
#include <jni.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define ENVIRONMENT 3
#define BUG 70
#define MAX_OPTIONS 96
#define MAX_CLASS_PATH 65536

static JavaVM *vm;
static UINT console_page; /* 0: not changed */

static void restore_console(jint status) {
  (void)status;
  if (console_page != 0) SetConsoleOutputCP(console_page);
}

/* What the machine's environment says to other Java programs is not for this one: a user's variable must not load code into it. The JVM reads the
 * copy that its C library made of the environment, maybe before this program began: that copy is told too. */
static void forget_java_variables(void) {
  static const wchar_t *const names[] = {L"JAVA_TOOL_OPTIONS", L"_JAVA_OPTIONS", L"JDK_JAVA_OPTIONS", L"CLASSPATH"};
  HMODULE library = LoadLibraryExW(L"ucrtbase.dll", NULL, LOAD_LIBRARY_SEARCH_SYSTEM32 | LOAD_LIBRARY_SEARCH_USER_DIRS);
  errno_t (*put)(const wchar_t *, const wchar_t *) = library == NULL ? NULL : (errno_t(*)(const wchar_t *, const wchar_t *))(void *)GetProcAddress(library, "_wputenv_s");
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    SetEnvironmentVariableW(names[i], NULL);
    if (put != NULL) put(names[i], L"");
  }
}

/* JVM options are in the machine's code page: a folder that it cannot say is given by its short name. NULL when that fails too. */
static char *narrow(const wchar_t *text) {
  for (int attempt = 0; attempt < 2; attempt++) {
    wchar_t shorter[PATH_CHARS];
    if (attempt == 1) {
      DWORD n = GetShortPathNameW(text, shorter, PATH_CHARS);
      if (n == 0 || n >= PATH_CHARS) return NULL;
      text = shorter;
    }
    BOOL lost = FALSE;
    BOOL *asked = GetACP() == CP_UTF8 ? NULL : &lost;
    int n = WideCharToMultiByte(CP_ACP, 0, text, -1, NULL, 0, NULL, asked);
    if (n > 0 && !lost) {
      char *out = malloc((size_t)n);
      if (out != NULL) WideCharToMultiByte(CP_ACP, 0, text, -1, out, n, NULL, NULL);
      return out;
    }
  }
  return NULL;
}

static int by_name(const void *a, const void *b) { return _wcsicmp(*(wchar_t *const *)a, *(wchar_t *const *)b); }

/* Adds the jars of app\folder, in the order of their names. */
static BOOL add_jars(char *class_path, const wchar_t *home, const wchar_t *folder) {
  wchar_t inner[PATH_CHARS], place[PATH_CHARS], pattern[PATH_CHARS];
  if (!in_folder(inner, home, L"app") || !in_folder(place, inner, folder) || !in_folder(pattern, place, L"*.jar")) return FALSE;
  wchar_t *names[512];
  size_t count = 0;
  WIN32_FIND_DATAW found;
  HANDLE search = FindFirstFileW(pattern, &found);
  if (search == INVALID_HANDLE_VALUE) return FALSE;
  do names[count++] = _wcsdup(found.cFileName);
  while (count < 512 && FindNextFileW(search, &found));
  FindClose(search);
  qsort(names, count, sizeof *names, by_name);
  char *base = narrow(place);
  BOOL fits = base != NULL;
  for (size_t i = 0; i < count; i++) {
    char *name = narrow(names[i]); /* ours: ASCII */
    if (fits && name != NULL && strlen(class_path) + strlen(base) + strlen(name) + 3 < MAX_CLASS_PATH) {
      strcat(strcat(strcat(strcat(class_path, base), "\\"), name), ";");
    } else {
      fits = FALSE;
    }
    free(name);
    free(names[i]);
  }
  free(base);
  return fits;
}

/* One option a line. The texts stay allocated: the JVM reads them. */
static int read_flags(const wchar_t *file, JavaVMOption *options, int count) {
  FILE *in = _wfopen(file, L"r");
  if (in == NULL) return -1;
  char line[1024];
  while (count < MAX_OPTIONS && fgets(line, sizeof line, in) != NULL) {
    line[strcspn(line, "\r\n")] = 0;
    if (line[0] != 0 && line[0] != '#') options[count++].optionString = _strdup(line);
  }
  fclose(in);
  return count;
}

/* The service host's way to end a program: an event. Java then ends as after Ctrl-C, with its shutdown hooks. */
static DWORD WINAPI await_stop(LPVOID event) {
  WaitForSingleObject((HANDLE)event, INFINITE);
  JNIEnv *env;
  if ((*vm)->AttachCurrentThreadAsDaemon(vm, (void **)&env, NULL) != JNI_OK) return 1;
  jclass system = (*env)->FindClass(env, "java/lang/System");
  jmethodID leave = system == NULL ? NULL : (*env)->GetStaticMethodID(env, system, "exit", "(I)V");
  if (leave != NULL) (*env)->CallStaticVoidMethod(env, system, leave, (jint)0);
  return 1;
}

static void watch_stop_event(void) {
  wchar_t text[32];
  DWORD n = GetEnvironmentVariableW(L"CHAPERONE_STOP_EVENT", text, 32);
  if (n == 0 || n >= 32) return;
  SetEnvironmentVariableW(L"CHAPERONE_STOP_EVENT", NULL); /* not for children of ours */
  HANDLE event = (HANDLE)(UINT_PTR)wcstoull(text, NULL, 10);
  HANDLE thread = CreateThread(NULL, 0, await_stop, event, 0, NULL);
  if (thread != NULL) CloseHandle(thread);
}

typedef jint(JNICALL *create_vm)(JavaVM **, void **, void *);

/* Loads jvm.dll with what it needs from our runtime's bin and from System32 only, never from the current folder or the PATH. */
static create_vm load_jvm(const wchar_t *home) {
  wchar_t bin[PATH_CHARS], dll[PATH_CHARS];
  if (!in_folder(bin, home, L"runtime\\bin") || !in_folder(dll, bin, L"server\\jvm.dll")) return NULL;
  SetDefaultDllDirectories(LOAD_LIBRARY_SEARCH_SYSTEM32 | LOAD_LIBRARY_SEARCH_USER_DIRS);
  AddDllDirectory(bin);
  forget_java_variables();
  HMODULE jvm = LoadLibraryExW(dll, NULL, LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR | LOAD_LIBRARY_SEARCH_SYSTEM32 | LOAD_LIBRARY_SEARCH_USER_DIRS);
  return jvm == NULL ? NULL : (create_vm)(void *)GetProcAddress(jvm, "JNI_CreateJavaVM");
}

static int call_main(JNIEnv *env, const char *name, int count, wchar_t **arguments) {
  jclass strings = (*env)->FindClass(env, "java/lang/String");
  jclass program = (*env)->FindClass(env, name);
  jmethodID entry = program == NULL ? NULL : (*env)->GetStaticMethodID(env, program, "main", "([Ljava/lang/String;)V");
  jobjectArray given = entry == NULL ? NULL : (*env)->NewObjectArray(env, count, strings, NULL);
  for (int i = 0; given != NULL && i < count; i++) {
    jstring text = (*env)->NewString(env, (const jchar *)arguments[i], (jsize)wcslen(arguments[i]));
    (*env)->SetObjectArrayElement(env, given, i, text);
    (*env)->DeleteLocalRef(env, text);
  }
  if (given != NULL) (*env)->CallStaticVoidMethod(env, program, entry, given);
  if ((*env)->ExceptionCheck(env)) {
    (*env)->ExceptionDescribe(env);
    return BUG;
  }
  (*vm)->DestroyJavaVM(vm); /* waits for the program's threads */
  return 0;
}

int run_java(const java_program *program, int count, wchar_t **arguments, void (*complain)(const wchar_t *)) {
  static char class_path[MAX_CLASS_PATH] = "-Djava.class.path=";
  static JavaVMOption options[MAX_OPTIONS + 2];
  wchar_t home[PATH_CHARS], app[PATH_CHARS], file[PATH_CHARS], name[64];
  swprintf(name, 64, L"%ls.flags", program->part);
  if (!home_folder(home) || !in_folder(app, home, L"app") || !in_folder(file, app, name) || !add_jars(class_path, home, L"common") ||
      !add_jars(class_path, home, program->part)) {
    complain(L"files of the installation are missing; repair it: Settings, Apps, Chaperone");
    return ENVIRONMENT;
  }
  options[0].optionString = class_path;
  options[1].optionString = "exit";
  options[1].extraInfo = (void *)restore_console;
  int used = read_flags(file, options, 2);
  create_vm create = used < 0 ? NULL : load_jvm(home);
  if (create == NULL) {
    complain(L"its Java runtime is missing or damaged; repair the installation: Settings, Apps, Chaperone");
    return ENVIRONMENT;
  }
  DWORD mode;
  if (GetConsoleMode(GetStdHandle(STD_OUTPUT_HANDLE), &mode)) { /* our programs print UTF-8 */
    console_page = GetConsoleOutputCP();
    SetConsoleOutputCP(CP_UTF8);
  }
  JavaVMInitArgs given = {JNI_VERSION_10, used, options, JNI_FALSE};
  JNIEnv *env;
  if (create(&vm, (void **)&env, &given) != JNI_OK) {
    restore_console(0);
    complain(L"Java does not start; is there memory left? A repair of the installation resets its flags");
    return ENVIRONMENT;
  }
  watch_stop_event();
  int status = call_main(env, program->main_class, count, arguments);
  restore_console(status);
  return status;
}
