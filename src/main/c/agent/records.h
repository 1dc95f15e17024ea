/* SPDX-License-Identifier: Apache-2.0 */
/* The agent's messages: `key=value` lines, records apart by an empty line. Grows as it is written. */
#ifndef BLKTRACK_RECORDS_H
#define BLKTRACK_RECORDS_H

#include <stddef.h>

struct records {
    char *text;
    size_t length, capacity;
    int in_record;
};

void records_begin(struct records *records, const char *first_line);
void records_next(struct records *records);   /* starts another record */
void records_put(struct records *records, const char *key, const char *format, ...) __attribute__((format(printf, 3, 4)));
void records_free(struct records *records);

/*
 * A request: the verb, and the value of a key, decoded in place, or NULL. `text` is the message, ended by a zero byte;
 * it is taken apart once, by request_parse.
 */
#define REQUEST_KEYS 16
struct request_message {
    char *verb;
    int count;
    struct { char *key, *value; } at[REQUEST_KEYS];
};
int request_parse(struct request_message *request, char *text);
const char *request_get(const struct request_message *request, const char *key);

#endif
