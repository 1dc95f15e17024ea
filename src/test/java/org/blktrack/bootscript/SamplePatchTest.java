package org.blktrack.bootscript;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The patches for people to read are what the program would do to two of its own fixtures. */
class SamplePatchTest {
    @Test
    void theSamplesAreUpToDate() throws IOException {
        assertEquals(sample("el6"), Files.readString(Path.of("patches/rc.sysinit-sample.patch"), ISO_8859_1));
        assertEquals(sample("el6-halt"), Files.readString(Path.of("patches/halt-sample.patch"), ISO_8859_1));
    }

    static String sample(String name) {
        Fixture fixture = Fixture.named(name);
        ScriptText text = ScriptText.of(new String(fixture.bytes(), ISO_8859_1));
        return LineChange.insertion(text, fixture.line(), HookLines.of(fixture.script().hook()))
                .unified("/" + fixture.script().places().get(0), 8);
    }
}
