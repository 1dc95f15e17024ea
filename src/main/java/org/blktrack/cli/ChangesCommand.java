package org.blktrack.cli;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ChangeId;
import org.blktrack.model.ExitStatus;
import org.blktrack.model.Extent;
import org.blktrack.model.IoCause;
import org.blktrack.model.Reason;
import org.blktrack.wire.VarlinkClient;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code blktrack changes}: what changed since a change id, or why that is not known. */
@Command(name = "changes", description = "Show what changed since a change id.", mixinStandardHelpOptions = true)
final class ChangesCommand implements Callable<Integer> {
    @ParentCommand
    private BlktrackCommand root;

    @Spec
    private CommandSpec spec;

    @Mixin
    private DeviceParameter device;

    @Option(names = "--since", required = true, paramLabel = "CHANGE-ID", converter = ChangeIdConverter.class, description = "The older end of the range.")
    private ChangeId since;

    @Option(names = "--until", paramLabel = "CHANGE-ID", converter = ChangeIdConverter.class,
            description = "The newer end; without it, up to this moment.")
    private ChangeId until;

    @ArgGroup
    private Form form;

    @Option(names = "--map", paramLabel = "FILE.svg", description = "Draw the changes into an SVG file as well.")
    private Path svg;

    /** One of them, or neither. */
    static final class Form {
        @Option(names = "--json", description = "JSON for programs.")
        private boolean json;

        @Option(names = "--raw", paramLabel = "FILE", description = "A bit a granule, least significant first, into a file.")
        private Path raw;
    }

    @Override
    public Integer call() {
        checkFiles(form == null ? null : form.raw);
        JsonObject parameters = device.asParameters();
        parameters.addProperty("since", since.hex());
        parameters.addProperty("until", until == null ? null : until.hex());
        List<ChangesOutput> outputs = new ArrayList<>();
        JsonObject[] head = new JsonObject[1];
        try (VarlinkClient client = root.connect()) {
            client.callMore("GetChanges", parameters, reply -> {
                try {
                    if (head[0] == null) {
                        head[0] = reply;
                        if (Field.flag(reply, "complete")) {
                            open(outputs, reply);
                        }
                    }
                    pass(reply, outputs);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            for (ChangesOutput output : outputs) {
                output.finish();
            }
        } catch (UncheckedIOException e) {
            throw brokenOff(notWritten(e.getCause()), outputs);
        } catch (IOException e) {
            throw brokenOff(notWritten(e), outputs);
        } catch (BlktrackException e) {
            throw brokenOff(e, outputs);
        } finally {
            outputs.forEach(ChangesOutput::abandon);
        }
        return Field.flag(head[0], "complete") ? ExitStatus.DONE.code() : unknown(head[0]);
    }

    private void checkFiles(Path raw) {
        for (Path file : new Path[] {raw, svg}) {
            if (file != null && file.toString().isEmpty()) {
                throw new ParameterException(spec.commandLine(), (file == raw ? "--raw" : "--map") + " needs a value, and was given an empty one");
            }
        }
        if (svg != null && raw != null && OutputFile.same(svg, raw)) {
            throw new ParameterException(spec.commandLine(), "--raw and --map name the same file");
        }
    }

    /** Files come first, at each step: nothing is printed before all can be written, and nothing is whole on standard output before they are. */
    private void open(List<ChangesOutput> outputs, JsonObject head) throws IOException {
        if (svg != null) {
            outputs.add(new SvgChanges(svg, head));
        }
        if (form != null && form.raw != null) {
            outputs.add(new RawChanges(form.raw, head));
        } else if (form != null && form.json) {
            outputs.add(new JsonChanges(spec.commandLine().getOut(), head));
        } else {
            outputs.add(new TableChanges(spec.commandLine().getOut(), head));
        }
    }

    private static void pass(JsonObject reply, List<ChangesOutput> outputs) throws IOException {
        if (outputs.isEmpty()) {
            return;
        }
        for (JsonObject each : Field.objects(reply, "extents")) {
            Extent extent = new Extent(Field.requiredNumber(each, "offsetBytes"), Field.requiredNumber(each, "lengthBytes"),
                    Extent.Kind.labelled(Field.requiredText(each, "kind")));
            for (ChangesOutput output : outputs) {
                output.add(extent);
            }
        }
    }

    private int unknown(JsonObject head) {
        String reason = Field.text(head, "reason", "");
        if (form != null && form.json) {
            JsonOutput.print(spec.commandLine().getOut(), head);
        }
        String evidence = Field.text(head, "evidence", "");
        spec.commandLine().getErr().printf("blktrack: what changed on %s since %s is not known: %s, %s%s%n  %s%n", device.name(), since, reason,
                Reason.meaningOf(reason), evidence.isEmpty() ? "" : " (" + evidence + ")",
                "Make a full backup, or compare the whole volume with the last one; a new checkpoint starts from there.");
        spec.commandLine().getErr().flush();
        return ExitStatus.UNTRUSTED.code();
    }

    /** The failure, marked where a part of the answer is printed already. */
    private static BlktrackException brokenOff(BlktrackException failure, List<ChangesOutput> outputs) {
        boolean begun = outputs.stream().anyMatch(output -> output instanceof JsonChanges json && json.hasBegun());
        return begun ? new BrokenOffException(failure) : failure;
    }

    private static BlktrackException notWritten(IOException cause) {
        String file = cause instanceof FileSystemException named ? named.getFile() : null;
        return new BlktrackException(ExitStatus.FAILED, "OUTPUT_NOT_WRITTEN",
                "cannot write the answer" + (file == null ? "" : " to " + file) + ": " + IoCause.of(cause),
                IoCause.remedy(cause, file == null ? "the answer" : file), cause);
    }
}
