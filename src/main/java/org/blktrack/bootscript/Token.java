package org.blktrack.bootscript;

/**
 * @param text of a word: quotes removed; of an operator: itself
 * @param quoted whether any part of a word was quoted, so that it is no reserved word
 * @param start offset of its first character
 * @param end offset behind its last; a newline's takes in the here-documents that follow it
 */
record Token(Type type, String text, boolean quoted, int start, int end) {
    enum Type {
        WORD,
        OPERATOR,
        NEWLINE,
        END
    }

    /** The operator, or an empty text where this is none. */
    String operator() {
        return type == Type.OPERATOR ? text : "";
    }

    boolean isOperator(String operator) {
        return type == Type.OPERATOR && text.equals(operator);
    }

    boolean isReserved(String word) {
        return type == Type.WORD && !quoted && text.equals(word);
    }
}
