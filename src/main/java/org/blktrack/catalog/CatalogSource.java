package org.blktrack.catalog;

import java.util.Optional;

/** Where a catalogue's files come from. Nothing that comes from it is trusted before it is checked. */
interface CatalogSource {
    /** What it is told from other sources by, in one form however it was written. */
    String address();

    /**
     * @param path relative to the catalogue's top
     * @param maxBytes reading stops there
     * @return nothing where there is no such file
     * @throws org.blktrack.model.BlktrackException TOO_LARGE, TOO_SLOW, TLS, REDIRECT, or CATALOG_UNREACHABLE
     */
    Optional<byte[]> fetch(String path, long maxBytes);
}
