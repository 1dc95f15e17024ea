package org.blktrack.track;

import org.blktrack.model.ChangeId;

/**
 * An epoch that the kernel holds until it is released.
 *
 * @param epoch the change id that opened it; null for a copy of a live epoch
 * @param words of one bitmap
 */
public record ClosedEpoch(int slot, ChangeId epoch, String pin, long words) {}
