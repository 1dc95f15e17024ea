package org.blktrack.model;

/** Environment variables. */
public final class Environment {
    private Environment() {}

    /** @return null where it is not set; what is empty counts as that */
    public static String get(String name) {
        String value = System.getenv(name);
        return value == null || value.isEmpty() ? null : value;
    }

    public static String getOr(String name, String otherwise) {
        String value = get(name);
        return value == null ? otherwise : value;
    }
}
