package org.blktrack.model;

/** A run of changed bytes of one kind. */
public record Extent(long offsetBytes, long lengthBytes, Kind kind) {
    public enum Kind {
        DATA,
        /** Lies wholly inside discards and was never written in the range asked for; its content is undefined. */
        DISCARDED;

        /** As it stands in JSON. */
        public String label() {
            return this == DATA ? "data" : "discarded";
        }

        public static Kind labelled(String label) {
            return label.equals("discarded") ? DISCARDED : DATA;
        }
    }
}
