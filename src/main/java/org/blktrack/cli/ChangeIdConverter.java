package org.blktrack.cli;

import org.blktrack.model.ChangeId;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * A change id as an argument. What has not its form is a mistake of who calls, and told before the daemon is asked: as an id that is not known it
 * would cost a full backup, when a variable of a script was never set.
 */
final class ChangeIdConverter implements ITypeConverter<ChangeId> {
    @Override
    public ChangeId convert(String text) {
        if (!ChangeId.isValid(text)) {
            throw new TypeConversionException("'" + text + "' is no change id: 32 lower-case hex digits; 'blktrack checkpoint list DEVICE' shows them");
        }
        return new ChangeId(text);
    }
}
