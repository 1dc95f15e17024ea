package org.blktrack.track;

import org.blktrack.model.ChangeId;

/**
 * A change id of the running series, and the epoch that it opens.
 *
 * @param createdMs Unix time
 * @param deleted no longer answered for; its epoch merges into the one before it as soon as both are closed
 * @param rest {@code frozen}, {@code none}, or {@code start} for the id that opened the series
 */
public record Checkpoint(ChangeId id, long createdMs, boolean deleted, String rest) {
    Checkpoint asDeleted() {
        return new Checkpoint(id, createdMs, true, rest);
    }
}
