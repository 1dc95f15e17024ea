/* SPDX-License-Identifier: Apache-2.0 */
#include "change_id.h"

#include <stdio.h>
#include <string.h>

void change_id_text(char text[CHANGE_ID_TEXT], const uint8_t id[CHANGE_ID_BYTES])
{
    for (int i = 0; i < CHANGE_ID_BYTES; i++)
        snprintf(text + 2 * i, 3, "%02x", id[i]);
}

int change_id_parse(uint8_t id[CHANGE_ID_BYTES], const char *text)
{
    if (strlen(text) != 2 * CHANGE_ID_BYTES || strspn(text, "0123456789abcdef") != 2 * CHANGE_ID_BYTES)
        return -1;
    for (int i = 0; i < CHANGE_ID_BYTES; i++) {
        unsigned int byte;
        sscanf(text + 2 * i, "%2x", &byte);
        id[i] = (uint8_t)byte;
    }
    return 0;
}
