package org.blktrack.cli;

/**
 * What a selftest found. Granules are counted once an interval between checkpoints.
 *
 * @param missed written in an interval, and not in the answer for it
 */
record SelftestReport(long writes, long checkpoints, long written, long reported, long missed) {}
