package org.blktrack.boot;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.blktrack.bootscript.Tree;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;

/**
 * What an installation wrote, so that a removal takes away exactly that. It is written before the first file and again
 * after the last: an installation that was cut short can still be removed.
 *
 * @param format of this receipt
 * @param init the init system the hooks are for
 * @param initAsked whether that was named, so that what is recognised does not count; the first receipts don't say
 * @param places all that run hooks, by name
 * @param files SHA-256, in hex, by path
 * @param directories those that were made for the files, parents first
 * @param earlyConf SHA-256 of /etc/blktrack/early.conf when the images were built, empty where there was none
 * @param hooksOnly whether they were put in place before the helper, which may come later
 * @param complete whether the installation came to its end
 */
record InstallReceipt(
        int format,
        String init,
        boolean initAsked,
        List<String> places,
        Map<String, String> files,
        List<String> directories,
        String earlyConf,
        boolean hooksOnly,
        boolean complete) {
    static final int FORMAT = 1;
    static final String PATH = "/var/lib/blktrack/boot.json";

    private static final Gson GSON = new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

    static Optional<InstallReceipt> read(Tree tree) {
        if (!tree.isFile(PATH)) {
            return Optional.empty();
        }
        try {
            InstallReceipt receipt = GSON.fromJson(tree.text(PATH), InstallReceipt.class);
            if (receipt != null && receipt.isWhole()) {
                return Optional.of(receipt);
            }
        } catch (JsonParseException damaged) {
            // told below
        }
        throw new BlktrackException(
                ExitStatus.STATE_CORRUPT,
                "RECEIPT",
                "can't read the receipt " + PATH + ": it is damaged, or of a newer blktrack",
                "Delete it; 'blktrack boot install' then takes over what equals its own files.");
    }

    /** Json leaves out what a damaged text does not hold, and takes null for a value. */
    private boolean isWhole() {
        return format == FORMAT
                && InitName.isName(init)
                && areWhole(places)
                && places.stream().allMatch(InitName::isName)
                && files != null
                && areWhole(files.values())
                && areWhole(directories)
                && earlyConf != null;
    }

    private static boolean areWhole(Collection<String> texts) {
        return texts != null && texts.stream().allMatch(Objects::nonNull);
    }

    void write(Tree tree) throws IOException {
        place(tree).write(GSON.toJson(this) + "\n");
    }

    /** With those of {@link #directories} that hold nothing else. */
    void delete(Tree tree) throws IOException {
        place(tree).delete(directories.stream().map(tree::resolve).collect(Collectors.toSet()));
    }

    /** Deletes what a run that was killed has left where there is no receipt. */
    static void deleteUnfinished(Tree tree) throws IOException {
        place(tree).clear();
    }

    private static ReceiptDirectories place(Tree tree) {
        return new ReceiptDirectories(tree.root(), tree.place(PATH));
    }

    InstallReceipt finished(String earlyConfNow) {
        return new InstallReceipt(format, init, initAsked, places, files, directories, earlyConfNow, hooksOnly, true);
    }
}
