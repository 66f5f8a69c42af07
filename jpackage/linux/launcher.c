/* SPDX-License-Identifier: Apache-2.0
 *
 * Starts the JVM of the image with what lib/app/NAME.cfg says, in jpackage's form of that file. jpackage's own launcher for Linux
 * asks rpm and dpkg at each start which package it belongs to (two programs found on the user's PATH, a database made in the
 * user's home, a tenth of a second and more); this one looks beside itself.
 *
 * Build: cc -O2 -Wall -Wextra -Werror -o chaperone launcher.c -ldl
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <limits.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STATUS_ENVIRONMENT = 3, MOST_OPTIONS = 256 };

typedef int (*launch_function)(int argc, char **argv, int jargc, const char **jargv, int appclassc, const char **appclassv,
    const char *fullversion, const char *dotversion, const char *pname, const char *lname, unsigned char javaargs,
    unsigned char cpwildcard, unsigned char javaw, int ergo);

static void fail(const char *what, const char *where) {
    fprintf(stderr, "chaperone: %s: %s; install the package again\n", where, what);
    exit(STATUS_ENVIRONMENT);
}

static char *joined(const char *a, const char *b, const char *c) {
    char *all = NULL;
    if (asprintf(&all, "%s%s%s", a, b, c) < 0) {
        fail("no memory", a);
    }
    return all;
}

/* $APPDIR is the folder of the configuration. */
static char *expanded(const char *value, const char *app) {
    static const char variable[] = "$APPDIR";
    char *out = joined("", value, "");
    char *at;
    while ((at = strstr(out, variable)) != NULL) {
        char *after = joined(app, at + strlen(variable), "");
        *at = '\0';
        char *next = joined(out, after, "");
        free(after);
        free(out);
        out = next;
    }
    return out;
}

int main(int argc, char **argv) {
    /* glibc keeps an arena of freed memory per thread otherwise: 10 MB of RSS, measured. */
    mallopt(M_ARENA_MAX, 1);

    char self[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    if (length < 0) {
        fail("cannot be read (is /proc there?)", "/proc/self/exe");
    }
    self[length] = '\0';
    const char *name = strrchr(self, '/') + 1;
    /* "chaperone ui" is the other program. */
    if (strcmp(name, "chaperone") == 0 && argc > 1 && strcmp(argv[1], "ui") == 0) {
        name = "chaperone-ui";
        argv++;
        argc--;
    }
    char *root = joined("", self, "");
    for (int up = 0; up < 2; up++) {
        char *slash = strrchr(root, '/');
        if (slash != NULL) {
            *slash = '\0';
        }
    }
    char *app = joined(root, "/lib/app", "");
    char *file = joined(app, "/", joined(name, ".cfg", ""));

    FILE *config = fopen(file, "r");
    if (config == NULL) {
        fail("cannot be read", file);
    }
    char *options[MOST_OPTIONS];
    int count = 0;
    char *class_path = joined("", "", "");
    char *main_class = NULL;
    char *line = NULL;
    size_t size = 0;
    while (getline(&line, &size, config) > 0) {
        line[strcspn(line, "\r\n")] = '\0';
        char *equals = strchr(line, '=');
        if (equals == NULL) {
            continue;
        }
        *equals = '\0';
        char *value = expanded(equals + 1, app);
        if (strcmp(line, "app.classpath") == 0) {
            class_path = joined(class_path, *class_path == '\0' ? "" : ":", value);
        } else if (strcmp(line, "app.mainclass") == 0) {
            main_class = value;
        } else if (strcmp(line, "java-options") == 0 && count < MOST_OPTIONS) {
            options[count++] = value;
        }
    }
    fclose(config);
    if (main_class == NULL || *class_path == '\0') {
        fail("names no program", file);
    }

    char *library = joined(root, "/lib/runtime/lib/libjli.so", "");
    void *jli = dlopen(library, RTLD_NOW | RTLD_GLOBAL);
    if (jli == NULL) {
        fail("cannot be loaded", library);
    }
    launch_function launch;
    *(void **) &launch = dlsym(jli, "JLI_Launch");
    if (launch == NULL) {
        fail("is not a Java runtime", library);
    }

    char **all = calloc((size_t) argc + MOST_OPTIONS + 8, sizeof *all);
    if (all == NULL) {
        fail("no memory", self);
    }
    int n = 0;
    all[n++] = self;
    all[n++] = joined("-Djava.class.path=", class_path, "");
    for (int i = 0; i < count; i++) {
        all[n++] = options[i];
    }
    all[n++] = joined("-Djpackage.app-path=", self, "");
    all[n++] = main_class;
    for (int i = 1; i < argc; i++) {
        all[n++] = argv[i];
    }
    return launch(n, all, 0, NULL, 0, NULL, "", "", "java", "java", 0, 0, 0, 0);
}
