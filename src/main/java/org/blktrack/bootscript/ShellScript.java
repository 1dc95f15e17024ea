package org.blktrack.bootscript;

import java.util.List;
import java.util.Map;

/**
 * A script taken apart.
 *
 * @param statements in the order of the text
 * @param functions the commands in the body of each function, wherever it is defined
 */
record ShellScript(List<Statement> statements, Map<String, List<Command>> functions) {
    static ShellScript parse(ScriptText text) throws ScriptFault {
        try {
            return new ShellParser(text.text(), text.isPosix()).script();
        } catch (ShellSyntaxException e) {
            throw new ScriptFault(Reason.SYNTAX, e.getMessage());
        }
    }
}
