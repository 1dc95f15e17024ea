package org.blktrack.catalog;

import java.net.ConnectException;
import java.nio.channels.UnresolvedAddressException;
import java.util.Objects;
import java.util.stream.Stream;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;

/** The failures of a catalogue: REFUSED for what it says, FAILED where it can't be had. */
final class CatalogRefusal {
    private CatalogRefusal() {}

    static BlktrackException of(String reason, String message) {
        return new BlktrackException(ExitStatus.REFUSED, reason, "the catalogue is refused (" + reason + "): " + message,
                "Nothing was changed. 'blktrack boot install' patches without a catalogue.");
    }

    /** Java's client says no more than that it could not connect. */
    private static String said(Throwable cause) {
        if (cause instanceof ConnectException && cause.getMessage() == null) {
            boolean noName = Stream.iterate(cause, Objects::nonNull, Throwable::getCause)
                    .anyMatch(UnresolvedAddressException.class::isInstance);
            return noName ? "no such host is known" : "the connection, or that to the proxy, was refused";
        }
        return cause.toString();
    }

    static BlktrackException unreachable(String what, Throwable cause) {
        return new BlktrackException(ExitStatus.FAILED, "CATALOG_UNREACHABLE",
                "can't get " + what + (cause == null ? "" : ": " + said(cause)),
                "Try again later, or let 'blktrack boot install' patch without a catalogue.", cause);
    }
}
