package org.blktrack.app;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.List;
import java.util.Locale;
import org.blktrack.cli.BlktrackCommand;
import org.blktrack.cli.BrokenOffException;
import org.blktrack.cli.JsonOutput;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;
import org.blktrack.model.IoCause;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

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
                return notUnderstood(argument, args);
            }
        }
        return BlktrackCommand.commandLine(args)
                .setParameterExceptionHandler(Main::usage)
                .setExecutionExceptionHandler(Main::report)
                .execute(args);
    }

    private static int notUnderstood(String argument, String... args) {
        return tell(new BlktrackException(ExitStatus.USAGE, "USAGE", "cannot read the argument '" + argument.replace(UNREADABLE, '?')
                + "': it holds bytes that " + System.getProperty("sun.jnu.encoding") + ", the encoding of this locale, has no letters for",
                "Run it in a locale that fits the name, such as LC_ALL=C.UTF-8 for one in UTF-8, or rename the file."),
                new PrintWriter(System.out), List.of(args));
    }

    /** One line of what is wrong, and where the usage stands. */
    private static int usage(ParameterException mistake, String[] args) {
        CommandLine command = mistake.getCommandLine();
        List<String> meant = mistake instanceof UnmatchedArgumentException unmatched ? NearWords.of(unmatched.getUnmatched().get(0), unmatched.getSuggestions())
                : List.of();
        String hint = meant.isEmpty() ? "" : " (did you mean " + String.join(" or ", meant) + "?)";
        return tell(new BlktrackException(ExitStatus.USAGE, "USAGE", mistake.getMessage().replaceFirst("^Error: ", "").replace('\n', ' ') + hint,
                "See '" + command.getCommandSpec().qualifiedName() + " --help'."), command.getOut(), List.of(args));
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
        return tell(refusal, command.getOut(), parsed.originalArgs());
    }

    private static int tell(BlktrackException failure, PrintWriter out, List<String> args) {
        System.err.println("blktrack: " + failure.getMessage());
        if (failure.remedy() != null) {
            System.err.println("  " + failure.remedy());
        }
        ExitStatus status = failure.status() == null ? ExitStatus.FAILED : failure.status();
        if (wantsJson(args) && !(failure instanceof BrokenOffException)) {
            JsonOutput.printFailure(out, failure, status);
        }
        return status.code();
    }

    /** By the words alone: what could not be understood was not parsed. */
    private static boolean wantsJson(List<String> args) {
        for (String argument : args) {
            if (argument.equals("--")) {
                return false;
            }
            if (argument.equals("--json") || argument.startsWith("--json=") && !argument.equalsIgnoreCase("--json=false")) {
                return true;
            }
        }
        return false;
    }
}
