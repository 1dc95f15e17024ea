package org.blktrack.bootscript;

import java.util.List;

/**
 * One complete statement at the script's top level.
 *
 * @param firstLine 1-based
 * @param lastLine 1-based, the ends of its here-documents included
 * @param kind what its first command is
 * @param commands every simple command in it, in the order of the text, command substitutions included, function bodies not
 * @param inputs what is redirected into it outside of its loops: files; the text of a here-string; empty for a process substitution,
 *     {@code <<} for a here-document
 * @param condition of an {@code if}: the commands before its first {@code then}
 */
record Statement(int firstLine, int lastLine, Kind kind, List<Command> commands, List<String> inputs, List<Command> condition) {
    enum Kind {
        SIMPLE,
        IF,
        LOOP,
        CASE,
        GROUP,
        TEST,
        FUNCTION
    }
}
