package org.blktrack.bootscript;

import java.util.List;

/**
 * One known file and where its hook goes: facts only, no script text. Nothing from a row ever gets into a script; the lines
 * that do are this program's own.
 *
 * @param file which script, as {@link Script#fileName()}
 * @param sha256 of the pristine file, 64 lower-case hex digits
 * @param line 1-based line to insert before
 * @param hook {@link Hook#toString()}: {@code start} for rc.sysinit, {@code stop} for halt
 * @param versions initscripts versions that ship exactly this file, for people to read; may be empty
 */
public record CatalogueRow(String file, String sha256, int line, String hook, List<String> versions) {}
