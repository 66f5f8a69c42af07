/* SPDX-License-Identifier: Apache-2.0
 * What the MSI does beside its tables, as custom actions that run as SYSTEM (deferred, not impersonated). Each that changes something has its
 * undo, which the MSI schedules as a rollback action before it.
 *
 * Values arrive in CustomActionData, fields separated by '|', the installation folder first. The enrolment token stands in one of them and
 * nowhere else: it is piped to "chaperone enroll -", so that no command line, log or registry value shows it. */
#include "places.h"
#include <aclapi.h>
#include <msi.h>
#include <msiquery.h>
#include <stdio.h>
#include <sddl.h>
#include <string.h>
#include <wchar.h>
#include <wincrypt.h>

#define ACTION __declspec(dllexport) UINT __stdcall
#define CHILD_LIMIT 120000 /* ms; the agent's commands take seconds */

/* System, administrators and the service's own identity (NT SERVICE\ChaperoneService), nobody else, nothing inherited. As in chaperone.wxs.in. */
#define DATA_SDDL L"D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;S-1-5-80-2625480572-4008723546-4020033538-148537805-642067875)"

static void tell(MSIHANDLE install, INSTALLMESSAGE kind, const wchar_t *text) {
  MSIHANDLE record = MsiCreateRecord(1);
  MsiRecordSetStringW(record, 0, L"Chaperone: [1]");
  MsiRecordSetStringW(record, 1, text);
  MsiProcessMessage(install, kind, record);
  MsiCloseHandle(record);
}

static UINT failed(MSIHANDLE install, const wchar_t *why) {
  tell(install, INSTALLMESSAGE_ERROR, why);
  return ERROR_INSTALL_FAILURE;
}

/* The action's fields; those that are missing are empty. data must outlive them. */
static void fields(MSIHANDLE install, wchar_t *data, DWORD size, wchar_t **field, int count) {
  DWORD n = size;
  if (MsiGetPropertyW(install, L"CustomActionData", data, &n) != ERROR_SUCCESS) *data = 0;
  for (int i = 0; i < count; i++) {
    field[i] = data;
    wchar_t *bar = i + 1 < count ? wcschr(data, L'|') : NULL;
    data = bar == NULL ? data + wcslen(data) : bar + 1;
    if (bar != NULL) *bar = 0;
  }
}

static BOOL in_data(wchar_t *out, const wchar_t *name) {
  wchar_t data[PATH_CHARS];
  return data_folder(data) && in_folder(out, data, name);
}

static BOOL exists(const wchar_t *path) { return GetFileAttributesW(path) != INVALID_FILE_ATTRIBUTES; }

static BOOL write_new(const wchar_t *path, const char *text) {
  HANDLE file = CreateFileW(path, GENERIC_WRITE, 0, NULL, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, NULL);
  DWORD written = 0;
  BOOL done = file != INVALID_HANDLE_VALUE && WriteFile(file, text, (DWORD)strlen(text), &written, NULL) && written == strlen(text);
  if (file != INVALID_HANDLE_VALUE) CloseHandle(file);
  return done;
}

/* ---- the agent's command line */

/* One line of the child's output a message in the log. */
static void log_output(MSIHANDLE install, HANDLE pipe) {
  char bytes[1024], line[1024];
  wchar_t wide[1024];
  size_t used = 0;
  DWORD n;
  while (ReadFile(pipe, bytes, sizeof bytes, &n, NULL) && n > 0) {
    for (DWORD i = 0; i < n; i++) {
      if (bytes[i] != '\n' && bytes[i] != '\r' && used < sizeof line - 1) line[used++] = bytes[i];
      if ((bytes[i] == '\n' || used == sizeof line - 1) && used > 0) {
        line[used] = 0;
        used = 0;
        if (MultiByteToWideChar(CP_UTF8, 0, line, -1, wide, 1024) > 0) tell(install, INSTALLMESSAGE_INFO, wide);
      }
    }
  }
}

typedef struct {
  HANDLE pipe;
  const char *text;
} child_input;

static DWORD WINAPI feed(LPVOID given) {
  child_input *input = given;
  DWORD written;
  if (input->text != NULL) WriteFile(input->pipe, input->text, (DWORD)strlen(input->text), &written, NULL);
  CloseHandle(input->pipe);
  return 0;
}

/* Runs bin\chaperone.exe with arguments (ended by NULL) and text on its standard input. Its exit status; 3 when it cannot be started or hangs. */
static DWORD chaperone(MSIHANDLE install, const wchar_t *folder, const wchar_t *const *arguments, const char *text) {
  wchar_t program[PATH_CHARS], line[2 * PATH_CHARS] = L"";
  swprintf(program, PATH_CHARS, L"%lsbin\\chaperone.exe", folder);
  BOOL fits = add_argument(line, 2 * PATH_CHARS, program);
  for (; *arguments != NULL; arguments++) fits = fits && add_argument(line, 2 * PATH_CHARS, *arguments);
  SECURITY_ATTRIBUTES inherited = {sizeof inherited, NULL, TRUE};
  HANDLE in_theirs, in, out, out_theirs;
  if (!fits || !CreatePipe(&in_theirs, &in, &inherited, 0) || !CreatePipe(&out, &out_theirs, &inherited, 0)) return 3;
  SetHandleInformation(in, HANDLE_FLAG_INHERIT, 0);
  SetHandleInformation(out, HANDLE_FLAG_INHERIT, 0);
  STARTUPINFOW how = {0};
  how.cb = sizeof how;
  how.dwFlags = STARTF_USESTDHANDLES;
  how.hStdInput = in_theirs;
  how.hStdOutput = how.hStdError = out_theirs;
  PROCESS_INFORMATION child;
  BOOL started = CreateProcessW(program, line, NULL, NULL, TRUE, CREATE_NO_WINDOW, NULL, folder, &how, &child);
  CloseHandle(in_theirs);
  CloseHandle(out_theirs);
  DWORD code = 3;
  if (started) {
    child_input input = {in, text};
    HANDLE feeder = CreateThread(NULL, 0, feed, &input, 0, NULL);
    log_output(install, out); /* to its end: the child's */
    if (WaitForSingleObject(child.hProcess, CHILD_LIMIT) == WAIT_OBJECT_0)
      GetExitCodeProcess(child.hProcess, &code);
    else
      TerminateProcess(child.hProcess, 3);
    WaitForSingleObject(feeder, CHILD_LIMIT);
    CloseHandle(feeder);
    CloseHandle(child.hProcess);
    CloseHandle(child.hThread);
  } else {
    CloseHandle(in);
  }
  CloseHandle(out);
  return code;
}

/* ---- configuration and data */

/* Anybody may make folders in ProgramData: one that somebody else made, or a link to elsewhere, is refused with all that lies in it. */
static BOOL own_folder(const wchar_t *folder) {
  BYTE user[256], administrators[SECURITY_MAX_SID_SIZE];
  DWORD size = sizeof user, sid_size = sizeof administrators;
  HANDLE token;
  PSID owner;
  PSECURITY_DESCRIPTOR descriptor = NULL, wanted = NULL;
  CreateDirectoryW(folder, NULL);
  DWORD attributes = GetFileAttributesW(folder);
  if (attributes == INVALID_FILE_ATTRIBUTES || (attributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0) return FALSE;
  if (GetNamedSecurityInfoW(folder, SE_FILE_OBJECT, OWNER_SECURITY_INFORMATION, &owner, NULL, NULL, NULL, &descriptor) != ERROR_SUCCESS) return FALSE;
  BOOL ours = FALSE;
  if (OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token)) {
    ours = (GetTokenInformation(token, TokenUser, user, size, &size) && EqualSid(owner, ((TOKEN_USER *)user)->User.Sid)) ||
           (CreateWellKnownSid(WinBuiltinAdministratorsSid, NULL, administrators, &sid_size) && EqualSid(owner, administrators));
    CloseHandle(token);
  }
  PACL list;
  BOOL present, inherited;
  BOOL done = ours && ConvertStringSecurityDescriptorToSecurityDescriptorW(DATA_SDDL, SDDL_REVISION_1, &wanted, NULL) &&
              GetSecurityDescriptorDacl(wanted, &present, &list, &inherited) &&
              SetNamedSecurityInfoW((LPWSTR)folder, SE_FILE_OBJECT, DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION, NULL, NULL, list, NULL) ==
                  ERROR_SUCCESS;
  LocalFree(descriptor);
  LocalFree(wanted);
  return done;
}

/* Writes config.yaml unless there is one. "fresh" marks data that this installation began: a rollback takes them away again. */
ACTION Configure(MSIHANDLE install) {
  wchar_t data[2 * PATH_CHARS], *field[2], config[PATH_CHARS], fresh[PATH_CHARS], state[PATH_CHARS], folder[PATH_CHARS];
  fields(install, data, 2 * PATH_CHARS, field, 2);
  if (!data_folder(folder) || !in_data(config, L"config.yaml") || !in_data(fresh, L"fresh") || !in_data(state, L"data"))
    return failed(install, L"this machine has no ProgramData folder");
  if (!own_folder(folder)) return failed(install, L"C:\\ProgramData\\Chaperone belongs to somebody else; look at it, remove it, and try again");
  if (!exists(config) && !exists(state)) write_new(fresh, "");
  CreateDirectoryW(state, NULL);
  if (exists(config)) return ERROR_SUCCESS;
  char text[3 * PATH_CHARS] = "# Written by the installer, yours to change: repairs and upgrades leave it alone. Keys: docs/command-line.md.\n"
                                "listen: 127.0.0.1:8421\n# Written by the service: the roots of the runtime and of this machine's store.\ntrust-bundle: data/roots.pem\n";
  if (*field[1] != 0) {
    wchar_t policy[PATH_CHARS];
    swprintf(policy, PATH_CHARS, L"%lsapp\\policies\\%ls.yaml", field[0], field[1]);
    if (wcspbrk(field[1], L"\\/:.'") != NULL || !exists(policy)) return failed(install, L"POLICY_PROFILE is none of: baseline, strict");
    char utf8[2 * PATH_CHARS];
    if (WideCharToMultiByte(CP_UTF8, 0, policy, -1, utf8, sizeof utf8, NULL, NULL) <= 0 || strchr(utf8, '\'') != NULL)
      return failed(install, L"the installation folder's name cannot stand in config.yaml; choose another");
    strcat(strcat(strcat(text, "policy: '"), utf8), "'\n");
  }
  return write_new(config, text) ? ERROR_SUCCESS : failed(install, L"C:\\ProgramData\\Chaperone\\config.yaml cannot be written");
}

/* Links to elsewhere are removed, never followed. */
static void remove_tree(const wchar_t *folder) {
  wchar_t pattern[PATH_CHARS], path[PATH_CHARS];
  WIN32_FIND_DATAW found;
  if (!in_folder(pattern, folder, L"*")) return;
  HANDLE search = FindFirstFileW(pattern, &found);
  if (search != INVALID_HANDLE_VALUE) {
    do {
      if (wcscmp(found.cFileName, L".") == 0 || wcscmp(found.cFileName, L"..") == 0 || !in_folder(path, folder, found.cFileName)) continue;
      if (found.dwFileAttributes & FILE_ATTRIBUTE_READONLY) SetFileAttributesW(path, FILE_ATTRIBUTE_NORMAL);
      if (!(found.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY))
        DeleteFileW(path);
      else if (found.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT)
        RemoveDirectoryW(path);
      else
        remove_tree(path);
    } while (FindNextFileW(search, &found));
    FindClose(search);
  }
  RemoveDirectoryW(folder);
}

ACTION ConfigureUndo(MSIHANDLE install) {
  (void)install;
  wchar_t fresh[PATH_CHARS], folder[PATH_CHARS];
  if (in_data(fresh, L"fresh") && exists(fresh) && data_folder(folder)) remove_tree(folder);
  return ERROR_SUCCESS;
}

ACTION ConfigureDone(MSIHANDLE install) {
  (void)install;
  wchar_t marker[PATH_CHARS];
  if (in_data(marker, L"fresh")) DeleteFileW(marker);
  if (in_data(marker, L"trusted")) DeleteFileW(marker);
  if (in_data(marker, L"untrusted")) DeleteFileW(marker);
  return ERROR_SUCCESS;
}

ACTION RemoveData(MSIHANDLE install) {
  (void)install;
  wchar_t folder[PATH_CHARS];
  if (data_folder(folder)) remove_tree(folder);
  return ERROR_SUCCESS;
}

/* ---- the service, beyond what the tables can say reliably */

/* ServiceInstall leaves quotes to the system: a path with a space and without them lets C:\\Program.exe run as a service. */
static BOOL quote_path(SC_HANDLE service, const wchar_t *folder) {
  wchar_t program[PATH_CHARS], path[PATH_CHARS] = L"";
  if (swprintf(program, PATH_CHARS, L"%lsbin\\chaperone-service.exe", folder) < 0 || !add_argument(path, PATH_CHARS, program)) return FALSE;
  return ChangeServiceConfigW(service, SERVICE_NO_CHANGE, SERVICE_NO_CHANGE, SERVICE_NO_CHANGE, path, NULL, NULL, NULL, NULL, NULL, NULL);
}

/* ERROR_INVALID_LEVEL: a system that does not know the setting (wine; no Windows since Vista). It is said in the log. */
static BOOL set(MSIHANDLE install, SC_HANDLE service, DWORD level, void *value) {
  if (ChangeServiceConfig2W(service, level, value)) return TRUE;
  if (GetLastError() != ERROR_INVALID_LEVEL) return FALSE;
  wchar_t text[64];
  swprintf(text, 64, L"service setting %lu is unknown to this system", level);
  tell(install, INSTALLMESSAGE_INFO, text);
  return TRUE;
}

/* Started again after 5 s, 30 s and then every 60 s, also when the agent ended by itself with an error; counted anew after a day without failure. */
static BOOL recover(MSIHANDLE install, SC_HANDLE service) {
  SC_ACTION actions[] = {{SC_ACTION_RESTART, 5000}, {SC_ACTION_RESTART, 30000}, {SC_ACTION_RESTART, 60000}};
  SERVICE_FAILURE_ACTIONSW recovery = {86400, NULL, NULL, 3, actions};
  SERVICE_FAILURE_ACTIONS_FLAG always = {TRUE};
  return set(install, service, SERVICE_CONFIG_FAILURE_ACTIONS, &recovery) && set(install, service, SERVICE_CONFIG_FAILURE_ACTIONS_FLAG, &always);
}

/* An identity of its own, so that other services of LocalService cannot read its keys; no privileges. */
static BOOL confine(MSIHANDLE install, SC_HANDLE service) {
  SERVICE_SID_INFO identity = {SERVICE_SID_TYPE_UNRESTRICTED};
  SERVICE_REQUIRED_PRIVILEGES_INFOW privileges = {(LPWSTR)L"SeChangeNotifyPrivilege\0"};
  return set(install, service, SERVICE_CONFIG_SERVICE_SID_INFO, &identity) &&
         set(install, service, SERVICE_CONFIG_REQUIRED_PRIVILEGES_INFO, &privileges);
}

ACTION SecureService(MSIHANDLE install) {
  wchar_t data[2 * PATH_CHARS], *field[1];
  fields(install, data, 2 * PATH_CHARS, field, 1);
  SC_HANDLE manager = OpenSCManagerW(NULL, NULL, SC_MANAGER_CONNECT);
  SC_HANDLE service = manager == NULL ? NULL : OpenServiceW(manager, L"ChaperoneService", SERVICE_CHANGE_CONFIG | SERVICE_START);
  BOOL done = service != NULL && quote_path(service, field[0]) && recover(install, service) && confine(install, service);
  DWORD error = GetLastError();
  if (service != NULL) CloseServiceHandle(service);
  if (manager != NULL) CloseServiceHandle(manager);
  if (done) return ERROR_SUCCESS;
  wchar_t text[64];
  swprintf(text, 64, L"the service cannot be configured (error %lu)", error);
  return failed(install, text);
}

/* ---- enrolment */

/* Whether the token names this server; a token is "chp1." and base64url of address, pin and secret, a line each. */
static BOOL names_server(const char *token, const wchar_t *server) {
  char base64[8192], plain[8192], wanted[2048];
  if (strncmp(token, "chp1.", 5) != 0 || strlen(token) > 6000) return FALSE;
  size_t n = 0;
  for (const char *c = token + 5; *c > ' '; c++) base64[n++] = *c == '-' ? '+' : *c == '_' ? '/' : *c;
  while (n % 4 != 0) base64[n++] = '=';
  base64[n] = 0;
  DWORD size = sizeof plain - 1;
  BOOL read = CryptStringToBinaryA(base64, 0, CRYPT_STRING_BASE64, (BYTE *)plain, &size, NULL, NULL);
  BOOL same = FALSE;
  if (read && WideCharToMultiByte(CP_UTF8, 0, server, -1, wanted, sizeof wanted, NULL, NULL) > 0) {
    plain[size] = 0;
    plain[strcspn(plain, "\n")] = 0;
    size_t end = strlen(wanted);
    if (end > 0 && wanted[end - 1] == '/') wanted[end - 1] = 0;
    same = _stricmp(plain, wanted) == 0;
  }
  SecureZeroMemory(base64, sizeof base64);
  SecureZeroMemory(plain, sizeof plain);
  return same;
}

ACTION Enroll(MSIHANDLE install) {
  wchar_t data[16384], *field[3], state[PATH_CHARS], config[PATH_CHARS];
  char token[8192] = "";
  fields(install, data, 16384, field, 3);
  UINT result = ERROR_SUCCESS;
  if (!in_data(state, L"data") || !in_data(config, L"config.yaml") || WideCharToMultiByte(CP_UTF8, 0, field[2], -1, token, sizeof token, NULL, NULL) <= 0) {
    result = failed(install, L"ENROLLMENT_TOKEN is too long to be one");
  } else if (*field[1] != 0 && !names_server(token, field[1])) {
    result = failed(install, L"ENROLLMENT_TOKEN is none of the server in SERVER_URL; ask its administrator for one");
  } else {
    /* The file says by which proxy of the company the server is reached. */
    const wchar_t *arguments[] = {L"enroll", L"--data-dir", state, L"-", exists(config) ? L"--config" : NULL, config, NULL};
    if (chaperone(install, field[0], arguments, token) != 0)
      result = failed(install, L"the device could not be enrolled, nothing was installed; the log says why (msiexec /l*v FILE)");
  }
  SecureZeroMemory(token, sizeof token);
  SecureZeroMemory(data, sizeof data);
  return result;
}

/* ---- trust: the device's own root in the machine's store */

#define MOST_ROOTS 16
#define PEM_BEGIN "-----BEGIN CERTIFICATE-----"
#define PEM_END "-----END CERTIFICATE-----"

/* device-root.pem: the own root and behind it past ones, also of a device that was enrolled later. ca.pem names the organisation's root then, which IT
 * deploys: we neither add nor take it. A version of before kept no device-root.pem until it enrolled. */
static BOOL own_roots_file(wchar_t *out) {
  wchar_t enrolled[PATH_CHARS];
  if (!in_data(out, L"data\\device-root.pem")) return FALSE;
  if (exists(out)) return TRUE;
  return in_data(enrolled, L"data\\server.json") && !exists(enrolled) && in_data(out, L"data\\ca.pem") && exists(out);
}

/* How many there are, at most MOST_ROOTS. Each is freed by its user. */
static int own_roots(const CERT_CONTEXT **roots) {
  wchar_t path[PATH_CHARS];
  static char pem[65536];
  BYTE der[8192];
  DWORD n = 0;
  if (!own_roots_file(path)) return 0;
  HANDLE file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
  if (file == INVALID_HANDLE_VALUE) return 0;
  BOOL read = ReadFile(file, pem, sizeof pem - 1, &n, NULL);
  CloseHandle(file);
  pem[read ? n : 0] = 0;
  int count = 0;
  for (char *begin = strstr(pem, PEM_BEGIN), *end; begin != NULL && count < MOST_ROOTS; begin = strstr(end, PEM_BEGIN)) {
    if ((end = strstr(begin, PEM_END)) == NULL) break;
    end += sizeof PEM_END - 1;
    DWORD size = sizeof der;
    if (!CryptStringToBinaryA(begin, (DWORD)(end - begin), CRYPT_STRING_BASE64HEADER, der, &size, NULL, NULL)) continue;
    roots[count] = CertCreateCertificateContext(X509_ASN_ENCODING, der, size);
    if (roots[count] != NULL) count++;
  }
  return count;
}

static void free_roots(const CERT_CONTEXT **roots, int count) {
  for (int i = 0; i < count; i++) CertFreeCertificateContext(roots[i]);
}

static HCERTSTORE machine_roots(void) {
  return CertOpenStore(CERT_STORE_PROV_SYSTEM_W, 0, 0, CERT_SYSTEM_STORE_LOCAL_MACHINE, L"Root");
}

static const CERT_CONTEXT *found(HCERTSTORE store, const CERT_CONTEXT *root) {
  return CertFindCertificateInStore(store, X509_ASN_ENCODING, 0, CERT_FIND_EXISTING, root, NULL);
}

static void delete_from(HCERTSTORE store, const CERT_CONTEXT *root) {
  const CERT_CONTEXT *there = found(store, root);
  if (there != NULL) CertDeleteCertificateFromStore(there); /* frees it */
}

/* An enrolled device works under the organisation's root, which IT deploys: its own needs no trust. */
ACTION TrustRoot(MSIHANDLE install) {
  wchar_t data[2 * PATH_CHARS], *field[1], file[PATH_CHARS], state[PATH_CHARS], marker[PATH_CHARS], enrolled[PATH_CHARS];
  const CERT_CONTEXT *roots[MOST_ROOTS];
  fields(install, data, 2 * PATH_CHARS, field, 1);
  if (in_data(enrolled, L"data\\server.json") && exists(enrolled)) return ERROR_SUCCESS;
  if (!in_data(state, L"data") || !in_data(marker, L"trusted")) return ERROR_INSTALL_FAILURE;
  if (!own_roots_file(file)) { /* the first to ask makes it */
    const wchar_t *arguments[] = {L"ca", L"status", L"--data-dir", state, NULL};
    if (chaperone(install, field[0], arguments, NULL) != 0) return failed(install, L"the device's root certificate could not be made");
  }
  int count = own_roots(roots);
  HCERTSTORE store = machine_roots();
  BOOL done = count > 0 && store != NULL;
  if (done) {
    BOOL added = CertAddCertificateContextToStore(store, roots[0], CERT_STORE_ADD_NEW, NULL);
    if (added) write_new(marker, "");
    done = added || GetLastError() == (DWORD)CRYPT_E_EXISTS;
  }
  free_roots(roots, count);
  if (store != NULL) CertCloseStore(store, 0);
  return done ? ERROR_SUCCESS : failed(install, L"the device's root certificate could not be put into the machine's store");
}

/* Takes away what this installation added, not what was there before. */
ACTION TrustRootUndo(MSIHANDLE install) {
  (void)install;
  wchar_t marker[PATH_CHARS];
  const CERT_CONTEXT *roots[MOST_ROOTS];
  if (!in_data(marker, L"trusted") || !exists(marker)) return ERROR_SUCCESS;
  int count = own_roots(roots);
  HCERTSTORE store = machine_roots();
  if (count > 0 && store != NULL) delete_from(store, roots[0]);
  free_roots(roots, count);
  if (store != NULL) CertCloseStore(store, 0);
  DeleteFileW(marker);
  return ERROR_SUCCESS;
}

/* "untrusted" says which of the roots were there, a character each, before they go: a rollback puts those back. */
ACTION UntrustRoot(MSIHANDLE install) {
  (void)install;
  wchar_t marker[PATH_CHARS];
  const CERT_CONTEXT *roots[MOST_ROOTS];
  char there[MOST_ROOTS + 1] = "";
  int count = own_roots(roots);
  HCERTSTORE store = machine_roots();
  if (count > 0 && store != NULL && in_data(marker, L"untrusted")) {
    for (int i = 0; i < count; i++) {
      const CERT_CONTEXT *one = found(store, roots[i]);
      there[i] = one != NULL ? 'y' : 'n';
      if (one != NULL) CertFreeCertificateContext(one);
    }
    DeleteFileW(marker);
    write_new(marker, there);
    for (int i = 0; i < count; i++) delete_from(store, roots[i]);
    CertControlStore(store, 0, CERT_STORE_CTRL_COMMIT, NULL);
  }
  free_roots(roots, count);
  if (store != NULL) CertCloseStore(store, 0);
  return ERROR_SUCCESS;
}

ACTION UntrustRootUndo(MSIHANDLE install) {
  (void)install;
  wchar_t marker[PATH_CHARS];
  const CERT_CONTEXT *roots[MOST_ROOTS];
  char there[MOST_ROOTS] = "";
  DWORD n = 0;
  HANDLE file = in_data(marker, L"untrusted") ? CreateFileW(marker, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL) : INVALID_HANDLE_VALUE;
  if (file == INVALID_HANDLE_VALUE) return ERROR_SUCCESS;
  if (!ReadFile(file, there, sizeof there, &n, NULL)) n = 0;
  CloseHandle(file);
  int count = own_roots(roots);
  HCERTSTORE store = machine_roots();
  for (int i = 0; i < count && i < (int)n && store != NULL; i++) {
    if (there[i] == 'y') CertAddCertificateContextToStore(store, roots[i], CERT_STORE_ADD_NEW, NULL);
  }
  free_roots(roots, count);
  if (store != NULL) CertCloseStore(store, 0);
  DeleteFileW(marker);
  return ERROR_SUCCESS;
}
