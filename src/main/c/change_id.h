/* SPDX-License-Identifier: Apache-2.0 */
/* A change id: random, and written as 32 lower-case hexadecimal digits. */
#ifndef BLKTRACK_CHANGE_ID_H
#define BLKTRACK_CHANGE_ID_H

#include <stdint.h>

#define CHANGE_ID_BYTES 16
#define CHANGE_ID_TEXT (2 * CHANGE_ID_BYTES + 1)

void change_id_text(char text[CHANGE_ID_TEXT], const uint8_t id[CHANGE_ID_BYTES]);
/* -1: the text is no change id. */
int change_id_parse(uint8_t id[CHANGE_ID_BYTES], const char *text);

#endif
