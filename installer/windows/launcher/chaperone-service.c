/* SPDX-License-Identifier: Apache-2.0
 * chaperone-service.exe: tells the service control manager about the agent, which is a child process.
 *
 * RUNNING is said once the agent printed its ready line. A stop is asked for by an event (see jvm.c) and enforced after STOP_LIMIT. An agent that
 * ends by itself makes the service stop with the agent's exit status: starting it again is the service control manager's, by the recovery
 * actions of the package. The roots that Windows trusts are written as PEM to data\roots.pem, which the agent reads again when it changes. What the
 * agent writes to standard error goes to log\service.log, at most two files of LOG_LIMIT. */
#include "places.h"
#include <stdio.h>
#include <string.h>
#include <wchar.h>
#include <wincrypt.h>

#define NAME L"ChaperoneService"
#define READY "chaperone: ready on "
#define START_LIMIT 120000 /* ms, from start to the ready line */
#define STOP_LIMIT 20000   /* ms; the agent's own drain takes at most 5 s */
#define STEP 1000          /* ms between two signs of life to the service control manager */
#define LOG_LIMIT (1 << 20)
#define ROOTS_EVERY 3600000 /* ms between two looks at what Windows trusts */

static SERVICE_STATUS_HANDLE manager;
static SERVICE_STATUS status = {SERVICE_WIN32_OWN_PROCESS, SERVICE_START_PENDING, 0, NO_ERROR, 0, 0, 0};
static HANDLE stop_asked, ready;

static void say(DWORD state, DWORD hint) {
  static DWORD step;
  status.dwCurrentState = state;
  status.dwControlsAccepted = state == SERVICE_RUNNING ? SERVICE_ACCEPT_STOP | SERVICE_ACCEPT_SHUTDOWN : 0;
  status.dwCheckPoint = state == SERVICE_RUNNING || state == SERVICE_STOPPED ? 0 : ++step;
  status.dwWaitHint = hint;
  SetServiceStatus(manager, &status);
}

static void stopped(DWORD code) { /* 0, or a status of the agent or of this program */
  status.dwWin32ExitCode = code == 0 ? NO_ERROR : ERROR_SERVICE_SPECIFIC_ERROR;
  status.dwServiceSpecificExitCode = code;
  say(SERVICE_STOPPED, 0);
}

static DWORD WINAPI control(DWORD code, DWORD type, LPVOID data, LPVOID context) {
  (void)type, (void)data, (void)context;
  if (code == SERVICE_CONTROL_STOP || code == SERVICE_CONTROL_SHUTDOWN) {
    SetEvent(stop_asked);
    return NO_ERROR;
  }
  return code == SERVICE_CONTROL_INTERROGATE ? NO_ERROR : ERROR_CALL_NOT_IMPLEMENTED;
}

static HANDLE open_log(BOOL fresh) {
  wchar_t data[PATH_CHARS], folder[PATH_CHARS], file[PATH_CHARS], old[PATH_CHARS];
  if (!data_folder(data) || !in_folder(folder, data, L"log") || !in_folder(file, folder, L"service.log") ||
      !in_folder(old, folder, L"service.log.1"))
    return INVALID_HANDLE_VALUE;
  CreateDirectoryW(data, NULL);
  CreateDirectoryW(folder, NULL);
  if (fresh) MoveFileExW(file, old, MOVEFILE_REPLACE_EXISTING);
  return CreateFileW(file, FILE_APPEND_DATA, FILE_SHARE_READ, NULL, OPEN_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
}

static DWORD WINAPI keep_log(LPVOID pipe) {
  HANDLE log = open_log(FALSE);
  char bytes[4096];
  DWORD n, written;
  while (ReadFile((HANDLE)pipe, bytes, sizeof bytes, &n, NULL) && n > 0) {
    LARGE_INTEGER size;
    if (log != INVALID_HANDLE_VALUE && GetFileSizeEx(log, &size) && size.QuadPart > LOG_LIMIT) {
      CloseHandle(log);
      log = open_log(TRUE);
    }
    if (log != INVALID_HANDLE_VALUE) WriteFile(log, bytes, n, &written, NULL);
  }
  if (log != INVALID_HANDLE_VALUE) CloseHandle(log);
  return 0;
}

/* Reads standard output to its end, so that the agent never waits for us; looks at the beginning of each line. */
static DWORD WINAPI await_ready(LPVOID pipe) {
  char bytes[4096], line[sizeof READY] = "";
  size_t used = 0;
  DWORD n;
  while (ReadFile((HANDLE)pipe, bytes, sizeof bytes, &n, NULL) && n > 0) {
    for (DWORD i = 0; i < n; i++) {
      if (bytes[i] == '\n') {
        used = 0;
      } else if (used < sizeof READY - 1) {
        line[used++] = bytes[i];
        if (used == sizeof READY - 1 && memcmp(line, READY, used) == 0) SetEvent(ready);
      }
    }
  }
  return 0;
}

/* A pipe whose writing end a child inherits. */
static BOOL pipe_for_child(HANDLE *ours, HANDLE *theirs) {
  SECURITY_ATTRIBUTES inherited = {sizeof inherited, NULL, TRUE};
  return CreatePipe(ours, theirs, &inherited, 0) && SetHandleInformation(*ours, HANDLE_FLAG_INHERIT, 0);
}

/* The process dies with us: a service that is gone must not leave an agent that nobody controls. */
static HANDLE job_of(HANDLE process) {
  HANDLE job = CreateJobObjectW(NULL, NULL);
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {0};
  limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
  if (job != NULL) {
    SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof limits);
    AssignProcessToJobObject(job, process);
  }
  return job;
}

/* ---- what Windows trusts, for the agent's own connections */

static BOOL add_pem(HANDLE file, const BYTE *der, DWORD size) {
  static char text[65536];
  DWORD n = sizeof text, written;
  return CryptBinaryToStringA(der, size, CRYPT_STRING_BASE64HEADER, text, &n) && WriteFile(file, text, n, &written, NULL);
}

static BOOL add_file(HANDLE file, const wchar_t *path) {
  static char bytes[65536];
  DWORD n, written;
  HANDLE in = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
  if (in == INVALID_HANDLE_VALUE) return FALSE;
  while (ReadFile(in, bytes, sizeof bytes, &n, NULL) && n > 0) WriteFile(file, bytes, n, &written, NULL);
  return CloseHandle(in);
}

/* Windows fetches public roots when it first meets them, so its store is not complete: the runtime's list comes before it. A company's own roots are
 * in the store. The file takes the place of the old one at once; when something fails, the old one stays. */
static void write_roots(void) {
  wchar_t home[PATH_CHARS], shipped[PATH_CHARS], data[PATH_CHARS], folder[PATH_CHARS], fresh[PATH_CHARS], file[PATH_CHARS];
  if (!home_folder(home) || !in_folder(shipped, home, L"app\\roots.pem") || !data_folder(data) || !in_folder(folder, data, L"data") ||
      !in_folder(fresh, folder, L"roots.pem.new") || !in_folder(file, folder, L"roots.pem"))
    return;
  CreateDirectoryW(folder, NULL);
  HANDLE out = CreateFileW(fresh, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
  HCERTSTORE store = CertOpenStore(CERT_STORE_PROV_SYSTEM_W, 0, 0, CERT_SYSTEM_STORE_LOCAL_MACHINE | CERT_STORE_READONLY_FLAG, L"Root");
  BOOL done = out != INVALID_HANDLE_VALUE && store != NULL;
  if (done) {
    add_file(out, shipped);
    const CERT_CONTEXT *root = NULL;
    while ((root = CertEnumCertificatesInStore(store, root)) != NULL) done = add_pem(out, root->pbCertEncoded, root->cbCertEncoded) && done;
  }
  if (store != NULL) CertCloseStore(store, 0);
  if (out != INVALID_HANDLE_VALUE) CloseHandle(out);
  if (done) MoveFileExW(fresh, file, MOVEFILE_REPLACE_EXISTING);
}

static BOOL command_line(wchar_t *program, wchar_t *line) {
  wchar_t home[PATH_CHARS], data[PATH_CHARS], config[PATH_CHARS], store[PATH_CHARS];
  *line = 0;
  return home_folder(home) && in_folder(program, home, L"bin\\chaperone.exe") && data_folder(data) && in_folder(config, data, L"config.yaml") &&
         in_folder(store, data, L"data") && add_argument(line, 2 * PATH_CHARS, program) && add_argument(line, 2 * PATH_CHARS, L"run") &&
         add_argument(line, 2 * PATH_CHARS, L"--no-ui") &&
         (GetFileAttributesW(config) == INVALID_FILE_ATTRIBUTES ||
          (add_argument(line, 2 * PATH_CHARS, L"--config") && add_argument(line, 2 * PATH_CHARS, config))) &&
         add_argument(line, 2 * PATH_CHARS, L"--data-dir") && add_argument(line, 2 * PATH_CHARS, store);
}

/* Starts the agent suspended, so that it is in its job before its first instruction. Only the four named handles are inherited. */
static BOOL start_agent(PROCESS_INFORMATION *agent, HANDLE *job, HANDLE stop_event) {
  static wchar_t program[PATH_CHARS], line[2 * PATH_CHARS];
  HANDLE out, out_theirs, err, err_theirs;
  SECURITY_ATTRIBUTES inherited = {sizeof inherited, NULL, TRUE};
  HANDLE nothing = CreateFileW(L"NUL", GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, &inherited, OPEN_EXISTING, 0, NULL);
  if (!command_line(program, line) || !pipe_for_child(&out, &out_theirs) || !pipe_for_child(&err, &err_theirs)) return FALSE;
  wchar_t number[32];
  swprintf(number, 32, L"%llu", (unsigned long long)(UINT_PTR)stop_event);
  SetEnvironmentVariableW(L"CHAPERONE_STOP_EVENT", number);

  HANDLE handles[] = {nothing, out_theirs, err_theirs, stop_event};
  char room[256];
  SIZE_T size = sizeof room;
  STARTUPINFOEXW how = {0};
  how.StartupInfo.cb = sizeof how;
  how.lpAttributeList = (LPPROC_THREAD_ATTRIBUTE_LIST)room;
  how.StartupInfo.dwFlags = STARTF_USESTDHANDLES;
  how.StartupInfo.hStdInput = nothing;
  how.StartupInfo.hStdOutput = out_theirs;
  how.StartupInfo.hStdError = err_theirs;
  BOOL started = InitializeProcThreadAttributeList(how.lpAttributeList, 1, 0, &size) &&
                 UpdateProcThreadAttribute(how.lpAttributeList, 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, handles, sizeof handles, NULL, NULL) &&
                 CreateProcessW(program, line, NULL, NULL, TRUE, CREATE_NO_WINDOW | CREATE_SUSPENDED | EXTENDED_STARTUPINFO_PRESENT, NULL, NULL,
                                &how.StartupInfo, agent);
  CloseHandle(out_theirs);
  CloseHandle(err_theirs);
  if (!started) return FALSE;
  *job = job_of(agent->hProcess);
  CloseHandle(CreateThread(NULL, 0, await_ready, out, 0, NULL));
  CloseHandle(CreateThread(NULL, 0, keep_log, err, 0, NULL));
  ResumeThread(agent->hThread);
  return TRUE;
}

/* Asks the agent to end, and ends it when it does not. */
static void stop_agent(HANDLE process, HANDLE job, HANDLE stop_event) {
  SetEvent(stop_event);
  for (DWORD waited = 0; waited < STOP_LIMIT; waited += STEP) {
    say(SERVICE_STOP_PENDING, 3 * STEP);
    if (WaitForSingleObject(process, STEP) == WAIT_OBJECT_0) return;
  }
  TerminateJobObject(job, 1);
  WaitForSingleObject(process, STEP);
}

static void WINAPI serve(DWORD count, LPWSTR *arguments) {
  (void)count, (void)arguments;
  manager = RegisterServiceCtrlHandlerExW(NAME, control, NULL);
  SECURITY_ATTRIBUTES inherited = {sizeof inherited, NULL, TRUE};
  HANDLE stop_event = CreateEventW(&inherited, TRUE, FALSE, NULL), job = NULL;
  stop_asked = CreateEventW(NULL, TRUE, FALSE, NULL);
  ready = CreateEventW(NULL, TRUE, FALSE, NULL);
  PROCESS_INFORMATION agent;
  say(SERVICE_START_PENDING, 10 * STEP);
  write_roots();
  if (!start_agent(&agent, &job, stop_event)) {
    stopped(3);
    return;
  }
  HANDLE events[] = {agent.hProcess, stop_asked, ready};
  for (DWORD waited = 0, watched = 3;;) {
    DWORD event = WaitForMultipleObjects(watched, events, FALSE, watched == 3 ? STEP : ROOTS_EVERY);
    if (event == WAIT_OBJECT_0) { /* by itself: recovery is the manager's */
      DWORD code = 70;
      GetExitCodeProcess(agent.hProcess, &code);
      stopped(code == 0 ? 70 : code);
      return;
    }
    if (event == WAIT_OBJECT_0 + 1) {
      stop_agent(agent.hProcess, job, stop_event);
      stopped(0);
      return;
    }
    if (event == WAIT_OBJECT_0 + 2) {
      say(SERVICE_RUNNING, 0);
      watched = 2;
    } else if (watched == 2) {
      write_roots();
    } else if ((waited += STEP) >= START_LIMIT) {
      stop_agent(agent.hProcess, job, stop_event);
      stopped(ERROR_TIMEOUT);
      return;
    } else {
      say(SERVICE_START_PENDING, 3 * STEP);
    }
  }
}

int main(void) {
  SERVICE_TABLE_ENTRYW table[] = {{NAME, serve}, {NULL, NULL}};
  if (StartServiceCtrlDispatcherW(table)) return 0;
  fputs("chaperone-service: started by the service control manager only; use chaperone run\n", stderr);
  return 2;
}
