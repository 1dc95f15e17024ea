/* SPDX-License-Identifier: Apache-2.0 */
/* CRC-32C (Castagnoli), reflected, initial value and final exclusive-or all ones: RFC 3720, appendix B.4. */
#ifndef BLKTRACK_CRC32C_H
#define BLKTRACK_CRC32C_H

#include <stddef.h>
#include <stdint.h>

uint32_t crc32c(const void *data, size_t length);
/* Continues a checksum: crc32c_more(crc32c(a), b) is the checksum of a followed by b. */
uint32_t crc32c_more(uint32_t crc, const void *data, size_t length);
/* The table-driven way, whatever the processor can do; the tests hold the two against each other. */
uint32_t crc32c_portable(uint32_t crc, const void *data, size_t length);

#endif
