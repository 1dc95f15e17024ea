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
import org.blktrack.linux.AtomicFile;
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
record Receipt(
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

    static Optional<Receipt> read(Tree tree) {
        if (!tree.isFile(PATH)) {
            return Optional.empty();
        }
        try {
            Receipt receipt = GSON.fromJson(tree.text(PATH), Receipt.class);
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
        AtomicFile.write(tree.place(PATH), GSON.toJson(this) + "\n", 0644);
    }

    static void delete(Tree tree) throws IOException {
        AtomicFile.delete(tree.place(PATH));
    }

    Receipt finished(String earlyConfNow) {
        return new Receipt(format, init, initAsked, places, files, directories, earlyConfNow, hooksOnly, true);
    }
}
