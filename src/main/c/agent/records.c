/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/records.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void append(struct records *records, const char *text, size_t length)
{
    if (records->length + length + 1 > records->capacity) {
        records->capacity = (records->length + length + 1) * 2;
        records->text = realloc(records->text, records->capacity);
        if (!records->text)
            abort(); /* a few kilobytes: the machine is lost anyway, and tracking goes on without us */
    }
    memcpy(records->text + records->length, text, length);
    records->length += length;
    records->text[records->length] = 0;
}

void records_begin(struct records *records, const char *first_line)
{
    records->length = 0;
    records->in_record = 0;
    append(records, first_line, strlen(first_line));
    append(records, "\n", 1);
}

void records_next(struct records *records)
{
    if (records->in_record)
        append(records, "\n", 1);
    records->in_record = 1;
}

void records_put(struct records *records, const char *key, const char *format, ...)
{
    char value[2048];
    va_list arguments;

    records->in_record = 1;
    va_start(arguments, format);
    vsnprintf(value, sizeof value, format, arguments);
    va_end(arguments);
    append(records, key, strlen(key));
    append(records, "=", 1);
    for (const char *at = value; *at; at++) {
        char escaped[4];
        if (*at == '%' || *at == '\n' || *at == '\r') {
            snprintf(escaped, sizeof escaped, "%%%02X", *at);
            append(records, escaped, 3);
        } else {
            append(records, at, 1);
        }
    }
    append(records, "\n", 1);
}

void records_free(struct records *records)
{
    free(records->text);
    *records = (struct records){0};
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static void decode(char *text)
{
    char *to = text;

    for (const char *from = text; *from; to++) {
        if (from[0] == '%' && hex_digit(from[1]) >= 0 && hex_digit(from[2]) >= 0) {
            *to = (char)(hex_digit(from[1]) << 4 | hex_digit(from[2]));
            from += 3;
        } else {
            *to = *from++;
        }
    }
    *to = 0;
}

int request_parse(struct request_message *request, char *text)
{
    char *rest;

    *request = (struct request_message){0};
    request->verb = strtok_r(text, "\n", &rest);
    for (char *line; (line = strtok_r(NULL, "\n", &rest));) {
        char *equals = strchr(line, '=');
        if (!equals || request->count == REQUEST_KEYS)
            return -1;
        *equals = 0;
        decode(equals + 1);
        request->at[request->count].key = line;
        request->at[request->count++].value = equals + 1;
    }
    return request->verb ? 0 : -1;
}

const char *request_get(const struct request_message *request, const char *key)
{
    for (int i = 0; i < request->count; i++)
        if (strcmp(request->at[i].key, key) == 0)
            return request->at[i].value;
    return NULL;
}
