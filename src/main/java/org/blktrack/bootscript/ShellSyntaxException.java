package org.blktrack.bootscript;

/** The text is no shell, or shell that this reader does not follow; either way it is left alone. */
final class ShellSyntaxException extends RuntimeException {
    private static final long serialVersionUID = 1;

    ShellSyntaxException(String message) {
        super(message);
    }
}
