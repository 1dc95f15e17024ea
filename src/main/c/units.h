/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BLKTRACK_UNITS_H
#define BLKTRACK_UNITS_H

#define SECTOR_BYTES 512u   /* the kernel's sector, whatever the device's blocks */
#define PAGE_BYTES 4096     /* the table's page */

#endif
