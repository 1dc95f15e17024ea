package org.blktrack.app;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.util.Locale;
import org.blktrack.cli.BlktrackCommand;
import org.blktrack.cli.JsonOutput;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;
import org.blktrack.model.IoCause;
import picocli.CommandLine;

/** Entry point of {@code bin/blktrack}: the one place where a failure becomes text and an exit status. */
public final class Main {
    /** What the JVM puts in the place of bytes that the locale has no letters for; the file that is meant can't be told any more. */
    private static final char UNREADABLE = '\uFFFD';

    private Main() {}

    public static void main(String[] args) {
        // Text that programs read, and pictures, must not change their digits with the language.
        Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT);
        StandardOutput out = new StandardOutput();
        System.setOut(new PrintStream(new BufferedOutputStream(out), false, Charset.defaultCharset()));
        int status = run(args);
        System.out.flush();
        System.exit(out.failure() == null ? status : notWritten(out.failure(), status));
    }

    static int run(String... args) {
        for (String argument : args) {
            if (argument.indexOf(UNREADABLE) >= 0) {
                return notUnderstood(argument);
            }
        }
        return BlktrackCommand.commandLine(args)
                .setExecutionExceptionHandler(Main::report)
                .execute(args);
    }

    private static int notUnderstood(String argument) {
        System.err.println("blktrack: cannot read the argument '" + argument.replace(UNREADABLE, '?') + "': it holds bytes that "
                + System.getProperty("sun.jnu.encoding") + ", the encoding of this locale, has no letters for");
        System.err.println("  Run it in a locale that fits the name, such as LC_ALL=C.UTF-8 for one in UTF-8, or rename the file.");
        return ExitStatus.USAGE.code();
    }

    /** Print streams keep silent about it, and an answer that was cut short must not look like one. A reader that has seen enough need not be told. */
    private static int notWritten(IOException cause, int status) {
        if (!"Broken pipe".equals(cause.getMessage())) {
            System.err.println("blktrack: cannot write the answer to standard output, what is there is not whole: " + IoCause.of(cause));
            System.err.println("  " + IoCause.remedy(cause, "what it goes to"));
        }
        return status == ExitStatus.DONE.code() ? ExitStatus.FAILED.code() : status;
    }

    private static int report(Exception failure, CommandLine command, CommandLine.ParseResult parsed) throws Exception {
        if (!(failure instanceof BlktrackException refusal)) {
            throw failure;
        }
        System.err.println("blktrack: " + refusal.getMessage());
        if (refusal.remedy() != null) {
            System.err.println("  " + refusal.remedy());
        }
        ExitStatus status = refusal.status() == null ? ExitStatus.FAILED : refusal.status();
        if (parsed.originalArgs().contains("--json")) {
            JsonOutput.printFailure(command.getOut(), refusal, status);
        }
        return status.code();
    }
}
