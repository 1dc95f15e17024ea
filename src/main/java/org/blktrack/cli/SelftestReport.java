package org.blktrack.cli;

/**
 * What a selftest found. Granules are counted once an interval between checkpoints, however often they were written in it.
 *
 * @param written those that the writes touched; all of them are among the reported ones, but for the missed
 * @param reported in the answers, with those that only count because a checkpoint carried them
 * @param missed granules of writes that no answer has which must have them
 */
record SelftestReport(long writes, long checkpoints, long written, long reported, long missed) {}
