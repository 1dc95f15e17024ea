package org.blktrack.track;

/**
 * What a checkpoint did in the kernel.
 *
 * @param rest {@code frozen}, {@code expired} (thawed at the limit, before the end) or {@code none}
 * @param carried {@code in_flight}: writes under way at the swap are in both epochs; {@code all}: the whole old epoch is
 */
public record Rotation(ClosedEpoch closed, long frozenMicros, long swapMicros, String rest, String carried) {}
