package org.blktrack.boot;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.blktrack.bootscript.Tree;
import org.blktrack.linux.AtomicFile;
import org.blktrack.model.Digest;

/** One installation: every step knows how to be undone, and a failure undoes those that were taken. */
final class Installation {
    /** A step back; what it can't undo is added to the failure that made it necessary. */
    private interface Undo {
        void run() throws IOException;
    }

    private final Tree tree;
    private final Choice choice;
    private final List<HookPlace> places;
    private final HookFiles files;
    private final Optional<InstallReceipt> earlier;
    private final Deque<Undo> undoFrame = new ArrayDeque<>();
    private final Deque<Undo> undoActivation = new ArrayDeque<>();
    private final Deque<Undo> undoFiles = new ArrayDeque<>();
    private final List<String> done = new ArrayList<>();

    /**
     * What was asked for.
     *
     * @param initAsked whether the init system was named, not recognised
     * @param hooksOnly whether the helper, which is not there, may come later
     */
    record Choice(InitName init, boolean initAsked, boolean hooksOnly) {}

    Installation(Tree tree, Choice choice, List<HookPlace> places, HookFiles files, Optional<InstallReceipt> earlier) {
        this.tree = tree;
        this.choice = choice;
        this.places = places;
        this.files = files;
        this.earlier = earlier;
    }

    /** @return what was done, one line each */
    List<String> run() {
        try {
            InstallReceipt receipt = announce();
            for (HookPlace place : places) {
                for (HookFile file : place.files(tree)) {
                    write(file);
                }
            }
            for (HookPlace place : places) {
                activate(place);
            }
            receipt.finished(earlyConf(tree)).write(tree);
            return done;
        } catch (IOException failure) {
            throw takenBack(BootFailure.of("can't put the hooks in place", failure));
        } catch (RuntimeException failure) {
            throw takenBack(failure);
        }
    }

    static String earlyConf(Tree tree) {
        return tree.isFile(ImageRebuild.EARLY_CONF) ? Digest.sha256Latin1(tree.text(ImageRebuild.EARLY_CONF)) : "";
    }

    private InstallReceipt announce() throws IOException {
        List<HookFile> wanted = places.stream().flatMap(place -> place.files(tree).stream()).toList();
        List<String> paths = new ArrayList<>(wanted.stream().map(HookFile::path).toList());
        paths.add(InstallReceipt.PATH);
        Set<String> directories = new LinkedHashSet<>();
        earlier.ifPresent(receipt -> directories.addAll(receipt.directories()));
        List<String> absent = files.absentDirectories(paths);
        directories.addAll(absent);
        // Files of an earlier version that this one no longer writes stay on the list, so that a removal finds them.
        Map<String, String> hashes = new LinkedHashMap<>();
        earlier.ifPresent(receipt -> hashes.putAll(receipt.files()));
        hashes.putAll(HookFiles.hashes(wanted));
        InstallReceipt receipt = new InstallReceipt(
                InstallReceipt.FORMAT,
                choice.init.toString(),
                choice.initAsked,
                places.stream().map(HookPlace::name).toList(),
                hashes,
                List.copyOf(directories),
                "",
                choice.hooksOnly,
                false);
        undoFrame.push(() -> {
            // On a full disk the earlier one may still be there, and could not be written.
            if (earlier.isEmpty()) {
                receipt.delete(tree);
            } else if (!InstallReceipt.read(tree).equals(earlier)) {
                earlier.get().write(tree);
            }
        });
        receipt.write(tree);
        undoFrame.push(() -> files.deleteDirectories(absent));
        files.makeDirectories(absent);
        return receipt;
    }

    private void write(HookFile file) throws IOException {
        if (files.isWritten(file)) {
            return;
        }
        if (files.isEdited(file)) {
            putAside(file.path());
        }
        Path path = tree.place(file.path());
        if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
            String before = Files.readString(path, StandardCharsets.ISO_8859_1);
            int mode = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) & 0777;
            undoFiles.push(() -> AtomicFile.write(path, before, mode));
        } else {
            undoFiles.push(() -> AtomicFile.delete(path));
        }
        files.write(file);
        done.add("write " + file.path());
    }

    private void putAside(String name) throws IOException {
        String saved = HookFiles.saved(name);
        List<String> absent = files.absentDirectories(List.of(saved));
        // One of an earlier edit stays: it is the owner's too.
        if (!tree.exists(saved)) {
            undoFiles.push(() -> {
                AtomicFile.delete(tree.place(saved));
                files.deleteDirectories(absent);
            });
        }
        files.copyAside(name);
        done.add(HookFiles.copyAsideLine(name));
    }

    private void activate(HookPlace place) {
        // What worked before this installation has to work after its failure too: it is made anew from the files as they were.
        Undo undo = () -> {
            if (stood()) {
                place.activate(tree);
            } else {
                place.deactivate(tree);
            }
        };
        if (place.isAllOrNothing()) {
            List<String> changes = place.activate(tree);
            if (!changes.isEmpty()) {
                undoActivation.push(undo);
            }
            done.addAll(changes);
        } else {
            // Pushed first: an activation may fail halfway.
            undoActivation.push(undo);
            done.addAll(place.activate(tree));
        }
    }

    /** Whether an earlier installation came to its end, so that this one only renews it. */
    private boolean stood() {
        return earlier.map(InstallReceipt::complete).orElse(false);
    }

    /** @return what to throw: the failure, or if not everything could be taken back, one that says so */
    private RuntimeException takenBack(RuntimeException failure) {
        takeBack(failure);
        Throwable[] left = failure.getSuppressed();
        if (left.length == 0) {
            return failure;
        }
        return new BootFailure("NOT_TAKEN_BACK",
                failure.getMessage() + "; and not everything could be put back: " + left[0].getMessage(),
                "'blktrack boot verify' tells how the hooks stand, 'blktrack boot remove' takes away what is left of them.",
                failure);
    }

    private void takeBack(RuntimeException failure) {
        // Links and images are made anew from what the files say, so the files go first; directories and receipt go last.
        List<Undo> steps = new ArrayList<>(undoFiles);
        steps.addAll(undoActivation);
        steps.addAll(undoFrame);
        for (Undo step : steps) {
            try {
                step.run();
            } catch (IOException | RuntimeException another) {
                failure.addSuppressed(another);
            }
        }
    }
}
