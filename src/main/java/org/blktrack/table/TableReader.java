package org.blktrack.table;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;
import org.blktrack.model.IoCause;
import org.blktrack.table.TrackingTable.Flaw;
import org.blktrack.table.TrackingTable.State;

/**
 * Reads a tracking table offline and checks everything in it, going on behind a flaw to find the others. Nothing is written. It
 * accepts exactly what the helper accepts; golden files hold the two together.
 */
public final class TableReader {
    private final TableBytes bytes;
    private final List<Flaw> flaws = new ArrayList<>();
    private final List<Flaw> warnings = new ArrayList<>();
    private final List<TableEntry> entries = new ArrayList<>();

    private TableReader(TableBytes bytes) {
        this.bytes = bytes;
    }

    /** @throws BlktrackException where the file can't be read, or holds no table at all */
    public static TrackingTable read(Path path) {
        try (TableBytes bytes = new TableBytes(path)) {
            return new TableReader(bytes).read();
        } catch (IOException e) {
            throw new BlktrackException(ExitStatus.FAILED, "TABLE_UNREADABLE", "cannot read the tracking table " + path + ": " + IoCause.of(e),
                    "Name the table as root; 'blktrack status' shows its path.", e);
        }
    }

    private TrackingTable read() throws IOException {
        TableHeader[] slots = new TableHeader[TableHeader.SLOTS];
        if (bytes.size() < TableHeader.DIRECTORY_OFFSET) {
            flaws.add(new Flaw(bytes.size(), "the file is cut off in its headers"));
            return corrupt(null);
        }
        for (int slot = 0; slot < slots.length; slot++) {
            try {
                slots[slot] = TableHeader.decode(bytes.read((long) slot * TableBytes.PAGE, TableBytes.PAGE), bytes.size());
            } catch (IllegalArgumentException e) {
                flaws.add(new Flaw((long) slot * TableBytes.PAGE, "header slot " + slot + ": " + e.getMessage()));
            }
        }
        int newest = slots[0] == null || (slots[1] != null && slots[1].sequence() > slots[0].sequence()) ? 1 : 0;
        TableHeader header = slots[newest];
        if (header == null) {
            return corrupt(null);
        }
        TableHeader other = slots[1 - newest];
        if (header.clean()) {
            checkPair(header, other, newest);
        } else if (other == null) {
            warnings.addAll(flaws);     // a torn mark: the other slot still says dirty, and nothing more is asked of a dirty table
            flaws.clear();
        } else if (other.sequence() == header.sequence() || !other.uuid().equals(header.uuid()) || other.places() != header.places()) {
            flaws.add(new Flaw(0, "the header slots contradict each other"));
        }
        readDirectory(header);
        return result(header, flaws.isEmpty() ? header.clean() ? State.CLEAN : State.DIRTY : State.CORRUPT);
    }

    private void checkPair(TableHeader header, TableHeader other, int newest) {
        boolean goesWithIt = other != null && !other.clean() && other.sequence() + 1 == header.sequence()
                && other.uuid().equals(header.uuid()) && other.places() == header.places();
        if (!goesWithIt) {
            flaws.add(new Flaw((1L - newest) * TableBytes.PAGE, "header slot " + newest + " says clean, but slot " + (1 - newest) + " does not go with it"));
        }
    }

    private void readDirectory(TableHeader header) throws IOException {
        int length = header.places() * EntryCodec.BYTES;
        ByteBuffer directory = bytes.read(TableHeader.DIRECTORY_OFFSET, length);
        if (header.clean() && TableBytes.crc(directory) != header.directoryCrc()) {
            flaws.add(new Flaw(TableHeader.DIRECTORY_OFFSET, "the directory has a wrong checksum"));
        }
        for (int place = 0; place < header.places(); place++) {
            ByteBuffer raw = directory.slice(place * EntryCodec.BYTES, EntryCodec.BYTES).order(directory.order());
            if (EntryCodec.isFree(raw)) {
                continue;
            }
            try {
                TableEntry entry = EntryCodec.decode(raw, place, header);
                checkAgainstOthers(entry);
                entries.add(header.clean() ? readBitmaps(entry, EntryCodec.sumsCrc(raw)) : entry);
            } catch (IllegalArgumentException e) {
                (header.clean() ? flaws : warnings).add(
                        new Flaw(TableHeader.DIRECTORY_OFFSET + (long) place * EntryCodec.BYTES, "entry " + place + ": " + e.getMessage()));
            }
        }
    }

    private void checkAgainstOthers(TableEntry entry) {
        for (TableEntry other : entries) {
            if (entry.areaOffset() < other.areaOffset() + other.areaBytes() && other.areaOffset() < entry.areaOffset() + entry.areaBytes()) {
                throw new IllegalArgumentException("its area overlaps that of entry " + other.place());
            }
            if (entry.identity().equals(other.identity())) {
                throw new IllegalArgumentException("its identity stands in entry " + other.place() + " too");
            }
        }
    }

    private TableEntry readBitmaps(TableEntry entry, int sumsCrc) throws IOException {
        int sumsBytes = (int) EntryCodec.sumsBytes(entry.bitmapBytes());
        ByteBuffer sums = bytes.read(entry.areaOffset(), sumsBytes);
        if (TableBytes.crc(sums) != sumsCrc) {
            flaws.add(new Flaw(entry.areaOffset(), "the sum pages of " + entry.identity() + " have a wrong checksum"));
            return entry;
        }
        int pages = (int) (entry.bitmapBytes() / TableBytes.PAGE);
        long data = readBitmap(entry, "data", entry.areaOffset() + sumsBytes, sums, 0, pages);
        long discard = readBitmap(entry, "discard", entry.areaOffset() + sumsBytes + entry.bitmapBytes(), sums, pages, pages);
        return new TableEntry(entry.place(), entry.identity(), entry.device(), entry.sizeBytes(), entry.granuleBytes(), entry.trustOffline(),
                entry.series(), entry.epoch(), entry.reason(), entry.evidence(), entry.fingerprint(), entry.areaOffset(), entry.areaBytes(),
                entry.bitmapBytes(), data, discard);
    }

    private long readBitmap(TableEntry entry, String kind, long offset, ByteBuffer sums, int firstSum, int pages) throws IOException {
        long granules = (entry.sizeBytes() + entry.granuleBytes() - 1) / entry.granuleBytes();
        long set = 0;
        boolean sound = true;
        for (int page = 0; page < pages; page++) {
            int sumAt = (firstSum + page) * EntryCodec.SUM_BYTES;
            int wantCrc = sums.getInt(sumAt);
            int wantBits = sums.getInt(sumAt + Integer.BYTES);
            if (wantBits == 0 && wantCrc == 0) {
                continue;
            }
            ByteBuffer bits = bytes.read(offset + (long) page * TableBytes.PAGE, TableBytes.PAGE);
            String flaw = wantBits == 0 ? "is empty, yet has a checksum"
                    : TableBytes.crc(bits) != wantCrc ? "has a wrong checksum"
                    : TableBytes.setBits(bits) != wantBits ? "has another number of set bits than its sum says" : null;
            if (flaw != null) {
                flaws.add(new Flaw(offset + (long) page * TableBytes.PAGE, "page " + page + " of the " + kind + " bitmap of " + entry.identity() + " " + flaw));
                sound = false;
                continue;
            }
            for (int word = 0; word < TableBytes.PAGE / Long.BYTES; word++) {
                long value = bits.getLong(word * Long.BYTES);
                long first = ((long) page * TableBytes.PAGE / Long.BYTES + word) * Long.SIZE;
                long inside = granules - first;
                long allowed = inside >= Long.SIZE ? -1L : inside <= 0 ? 0 : (1L << inside) - 1;
                if ((value & ~allowed) != 0) {
                    flaws.add(new Flaw(offset + (long) page * TableBytes.PAGE, "the " + kind + " bitmap of " + entry.identity() + " marks blocks behind the end of the volume"));
                    sound = false;
                }
                set += Long.bitCount(value);
            }
        }
        return sound ? set : -1;
    }

    private TrackingTable corrupt(TableHeader header) {
        return result(header, State.CORRUPT);
    }

    private TrackingTable result(TableHeader header, State state) {
        return header == null
                ? new TrackingTable(state, "", 0, 0, "", 0, bytes.size(), 0, entries, flaws, warnings)
                : new TrackingTable(state, header.uuid(), header.sequence(), header.starts(), header.bootId(), header.writtenAt(),
                        header.sizeBytes(), header.places(), entries, flaws, warnings);
    }
}
