#include "base/names.h"
#include <stdio.h>
#include <string.h>

static char folded(char c) { return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c; }

bool same_name(const char *given, const char *name) {
    for (;; given++, name++) {
        while (*given == '_') given++;
        while (*name == '_') name++;
        if (folded(*given) != folded(*name)) return false;
        if (!*given) return true;
    }
}

enum { LONGEST = 39, MOST_CHANGES = 2 };

/* Letters to put in, take away or replace (Levenshtein, 1966), row by row. */
static int changes(const char *a, const char *b) {
    int row[LONGEST + 1];
    for (int j = 0; j <= (int)strlen(b); j++) row[j] = j;
    for (int i = 0; a[i]; i++)
        for (int j = 0, before = row[0]++; b[j]; j++) {
            const int here = before + (folded(a[i]) != folded(b[j]));
            before = row[j + 1];
            row[j + 1] = here < before + 1 ? here : before + 1;
            if (row[j] + 1 < row[j + 1]) row[j + 1] = row[j] + 1;
        }
    return row[strlen(b)];
}

void likely_try(Likely *best, const char *given, const char *name) {
    if (strlen(given) > LONGEST || strlen(name) > LONGEST) return;
    const int n = changes(given, name);
    if (n > MOST_CHANGES || n >= (int)strlen(name) || (*best->name && n >= best->changes)) return;
    strcpy(best->name, name);
    best->changes = n;
}

const char *did_you_mean(const Likely *best) {
    static char text[64];
    if (!*best->name) return "";
    snprintf(text, sizeof text, ", did you mean '%s'?", best->name);
    return text;
}

static bool upper(char c) { return c >= 'A' && c <= 'Z'; }
static bool lower(char c) { return c >= 'a' && c <= 'z'; }
static bool digit(char c) { return c >= '0' && c <= '9'; }

void snake_case(const char *name, char *to, int size) {
    int n = 0;
    for (int i = 0; name[i] && n < size - 2; i++) {
        bool starts = lower(name[i + 1]) || digit(name[i + 1]) || (i && lower(name[i - 1]));
        if (i && upper(name[i]) && starts && name[i - 1] != '_') to[n++] = '_';
        to[n++] = folded(name[i]);
    }
    to[n] = 0;
}
