package org.blktrack.bootscript;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A program's answer.
 *
 * @param status its exit status, -1 where it gave none in time
 * @param output what it wrote to stdout, ISO-8859-1
 */
record Subprocess(int status, String output) {
    private static final int TIMEOUT_SECONDS = 20;

    static Subprocess run(ProcessBuilder builder, byte[] input) throws IOException {
        Process process = builder.start();
        CompletableFuture<String> output = CompletableFuture.supplyAsync(() -> read(process));
        try (OutputStream stdin = process.getOutputStream()) {
            stdin.write(input);
        } catch (IOException e) {
            // It stopped reading; why, its status and output say.
        }
        try {
            if (process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                return new Subprocess(process.exitValue(), output.join());
            }
            process.destroyForcibly();
            return new Subprocess(-1, "no answer within " + TIMEOUT_SECONDS + " s");
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for " + builder.command().get(0), e);
        }
    }

    private static String read(Process process) {
        try {
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
