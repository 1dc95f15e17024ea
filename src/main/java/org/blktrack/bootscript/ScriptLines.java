package org.blktrack.bootscript;

import java.util.List;

/**
 * What to add by hand to one script.
 *
 * @param path absolute path as seen from inside the tree
 * @param line 1-based line to put them before where it could be told, else 0
 * @param where the place in words
 * @param lines the lines to add, without line ends
 */
public record ScriptLines(Script script, String path, int line, String where, List<String> lines) {}
