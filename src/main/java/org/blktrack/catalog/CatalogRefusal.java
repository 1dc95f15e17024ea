package org.blktrack.catalog;

import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;

/** The failures of a catalogue: REFUSED for what it says, FAILED where it can't be had. */
final class CatalogRefusal {
    private CatalogRefusal() {}

    static BlktrackException of(String reason, String message) {
        return new BlktrackException(ExitStatus.REFUSED, reason, "the catalogue is refused (" + reason + "): " + message,
                "Nothing was changed. 'blktrack boot install' patches without a catalogue.");
    }

    static BlktrackException unreachable(String what, Throwable cause) {
        return new BlktrackException(ExitStatus.FAILED, "CATALOG_UNREACHABLE",
                "can't get " + what + (cause == null ? "" : ": " + cause),
                "Try again later, or let 'blktrack boot install' patch without a catalogue.", cause);
    }
}
