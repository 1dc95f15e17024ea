package org.blktrack.track;

import org.blktrack.model.ChangeId;

/**
 * A checkpoint that was made.
 *
 * @param record before it
 * @param previous the change id that was the latest until then
 * @param createdMs Unix time
 * @param rotation what it did in the kernel
 */
public record Created(VolumeRecord record, ChangeId id, ChangeId previous, long createdMs, Rotation rotation) {}
