package org.blktrack.cli;

import java.io.IOException;
import org.blktrack.model.Extent;

/** One form of an answer that is complete; extents come in ascending order, and may be millions. */
interface ChangesOutput {
    void add(Extent extent) throws IOException;

    /** The answer is whole. */
    void finish() throws IOException;

    /** Called last, finished or not: what is not whole must not stay. */
    default void abandon() {}
}
