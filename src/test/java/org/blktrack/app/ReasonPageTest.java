package org.blktrack.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.blktrack.model.Reason;
import org.junit.jupiter.api.Test;

/** docs/reasons.md names every reason, and every error that the tracker gives. */
class ReasonPageTest {
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `([A-Z_]+)` \\| [^|]+ \\| (?:yes|no)[^|]* \\| [^|]+ \\| [^|]*\\|$");
    private static final Pattern C_FAULT = Pattern.compile("STATUS_[A-Z_]+, \"([A-Z_]+)\"");
    private static final Pattern JAVA_FAULT = Pattern.compile("ExitStatus\\.[A-Z_]+, \"([A-Z_]+)\"");

    private static String page() throws IOException {
        return Files.readString(Path.of("docs/reasons.md"));
    }

    private static Set<String> names(Pattern pattern, String text) {
        Set<String> names = new TreeSet<>();
        for (Matcher each = pattern.matcher(text); each.find(); ) {
            names.add(each.group(1));
        }
        return names;
    }

    private static Set<String> names(Pattern pattern, String folder, String suffix, String... leftOut) throws IOException {
        Set<String> names = new TreeSet<>();
        try (Stream<Path> files = Files.walk(Path.of(folder))) {
            for (Path file : files.filter(each -> each.toString().endsWith(suffix)).toList()) {
                if (Stream.of(leftOut).noneMatch(file.toString()::contains)) {
                    names.addAll(names(pattern, Files.readString(file)));
                }
            }
        }
        return names;
    }

    @Test
    void everyReasonHasItsRow() throws IOException {
        Set<String> reasons = new TreeSet<>();
        for (Reason each : Reason.values()) {
            reasons.add(each.name());
        }
        assertEquals(reasons, names(ROW, page()));
    }

    @Test
    void everyErrorIsNamed() throws IOException {
        Set<String> errors = names(C_FAULT, "src/main/c", ".c");
        // The boot commands' and the catalogues' have pages of their own.
        errors.addAll(names(JAVA_FAULT, "src/main/java", ".java", "/boot/", "/bootscript/", "/catalog/", "CatalogCommand"));
        assertTrue(errors.size() > 60, () -> "found no more than " + errors);
        String page = page();
        errors.removeIf(name -> page.contains("`" + name + "`"));
        assertTrue(errors.isEmpty(), () -> "not in docs/reasons.md: " + errors);
    }
}
