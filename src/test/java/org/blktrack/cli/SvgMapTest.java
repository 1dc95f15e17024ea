package org.blktrack.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Locale;
import org.blktrack.model.Extent;
import org.junit.jupiter.api.Test;

class SvgMapTest {
    private static String picture() {
        ChangeMap map = new ChangeMap(64L << 20, 64 << 10, SvgMap.COLUMNS * SvgMap.ROWS);
        map.add(new Extent(0, 1 << 20, Extent.Kind.DATA));
        map.add(new Extent(8 << 20, 1 << 20, Extent.Kind.DISCARDED));
        return SvgMap.draw(map, "a < b & c", "");
    }

    @Test
    void itsNumbersAreTheSameInEveryLanguage() {
        Locale before = Locale.getDefault();
        String expected = picture();
        try {
            Locale.setDefault(Locale.forLanguageTag("ar-EG"));
            assertEquals(expected, picture());
        } finally {
            Locale.setDefault(before);
        }
    }
}
