package org.blktrack.bootscript;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Asks this machine's bash whether a text is a valid script ({@code bash -n}); nothing in it is run. */
final class BashSyntax {
    private final Path bash;

    /** @param bash the program, on this machine; it is never taken from a tree under --root */
    BashSyntax(Path bash) {
        this.bash = bash;
    }

    static BashSyntax onThisMachine() {
        Path usual = Path.of("/bin/bash");
        return new BashSyntax(Files.isExecutable(usual) ? usual : Path.of("/usr/bin/bash"));
    }

    /**
     * @param posix whether it is, or is part of, a script that sh reads
     * @param what names the text in the message, such as "the script"
     */
    void check(ScriptText text, boolean posix, String what) throws ScriptFault {
        if (!Files.isExecutable(bash)) {
            throw new ScriptFault(Reason.NO_BASH, "there is no bash on this machine to check scripts with");
        }
        try {
            String complaint = run(text.encode(), posix);
            if (!complaint.isEmpty()) {
                throw new ScriptFault(Reason.SYNTAX, "bash rejects " + what + ": " + complaint.lines().findFirst().orElse(""));
            }
        } catch (IOException e) {
            throw new ScriptFault(Reason.NO_BASH, "bash can't be run: " + e.getMessage());
        }
    }

    /** @return what bash complains of; a warning counts too, since an unfinished here-document is no more than that to it */
    private String run(byte[] script, boolean posix) throws IOException {
        List<String> command = new ArrayList<>(List.of(bash.toString(), "--norc", "--noprofile", "-n"));
        if (posix) {
            command.add(1, "--posix");
        }
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().clear(); // BASH_ENV would be run, SHELLOPTS would change what is valid
        builder.environment().put("LC_ALL", "C");
        builder.redirectErrorStream(true);
        Subprocess answer = Subprocess.run(builder, script);
        String said = answer.output().strip();
        return answer.status() != 0 && said.isEmpty() ? "status " + answer.status() : said;
    }
}
