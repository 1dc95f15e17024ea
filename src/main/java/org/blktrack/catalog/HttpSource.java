package org.blktrack.catalog;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLException;
import org.blktrack.model.BlktrackException;

/**
 * A catalogue on any HTTP or HTTPS server. The signature is what the content is trusted by; the limits here keep a server
 * from filling memory or holding the caller for ever.
 */
final class HttpSource implements CatalogSource {
    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
    private static final int MAX_REDIRECTS = 5;
    private static final int SLOWEST_BYTES_PER_SECOND = 1024;

    private final URI base;
    private final HttpClient client;
    private final Duration patience;
    /** Of all answers together: many small files, each just fast enough, would hold the caller as long as one slow one. */
    private final AtomicLong received = new AtomicLong();
    private long receivedBefore;
    private long waitedMs;

    /** @param patience how long a server may send less than 1 KiB/s on average before it is given up */
    HttpSource(URI base, HttpClient client, Duration patience) {
        this.base = base.getPath().endsWith("/") ? base : URI.create(base + "/");
        this.client = client;
        this.patience = patience;
    }

    @Override
    public String address() {
        return base.toString();
    }

    @Override
    public Optional<byte[]> fetch(String path, long maxBytes) {
        URI at = base.resolve(path);
        for (int redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
            HttpResponse<byte[]> response = get(at, maxBytes);
            int status = response.statusCode();
            if (status == 200) {
                return Optional.of(response.body());
            }
            if (status == 404 || status == 410) {
                return Optional.empty();
            }
            if (!REDIRECTS.contains(status)) {
                throw CatalogRefusal.unreachable(at + " (the server says " + status + ")", null);
            }
            at = target(at, response);
        }
        throw CatalogRefusal.of("REDIRECT", base.resolve(path) + " leads through more than " + MAX_REDIRECTS + " redirects");
    }

    private static URI target(URI from, HttpResponse<?> response) {
        String location = response.headers().firstValue("location").orElse("");
        try {
            URI to = from.resolve(location);
            if (from.getScheme().equalsIgnoreCase(to.getScheme()) && to.getHost() != null) {
                return to;
            }
        } catch (IllegalArgumentException e) {
            // as any other bad target
        }
        throw CatalogRefusal.of("REDIRECT", from + " redirects to another scheme: " + location);
    }

    private HttpResponse<byte[]> get(URI at, long maxBytes) {
        HttpRequest request = HttpRequest.newBuilder(at).header("User-Agent", "blktrack").build();
        CompletableFuture<HttpResponse<byte[]>> answer =
                client.sendAsync(request, info -> info.statusCode() == 200 ? new BoundedBody(maxBytes, received) : new NoBody());
        try {
            return await(at, answer);
        } catch (ExecutionException e) {
            throw failure(at, maxBytes, e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw CatalogRefusal.unreachable(at.toString(), e);
        } finally {
            answer.cancel(true);
        }
    }

    private HttpResponse<byte[]> await(URI at, CompletableFuture<HttpResponse<byte[]>> answer)
            throws InterruptedException, ExecutionException {
        long enough = SLOWEST_BYTES_PER_SECOND * patience.toMillis() / 1000;
        while (true) {
            long begun = System.nanoTime();
            try {
                HttpResponse<byte[]> response = answer.get(Math.max(0, patience.toMillis() - waitedMs), TimeUnit.MILLISECONDS);
                waitedMs += TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
                return response;
            } catch (TimeoutException e) {
                long now = received.get();
                if (now - receivedBefore < enough) {
                    throw CatalogRefusal.of("TOO_SLOW", "the server sent " + (now - receivedBefore) + " bytes in "
                            + patience.toSeconds() + " s, at last of " + at);
                }
                receivedBefore = now;
                waitedMs = 0;
            }
        }
    }

    private static BlktrackException failure(URI at, long maxBytes, Throwable cause) {
        for (Throwable reason = cause; reason != null; reason = reason.getCause()) {
            if (reason instanceof BoundedBody.TooLarge) {
                return CatalogRefusal.of("TOO_LARGE", at + " is larger than " + maxBytes + " bytes");
            }
            if (reason instanceof SSLException) {
                return CatalogRefusal.of("TLS", "no trustworthy connection to " + at + ": " + reason.getMessage());
            }
        }
        return CatalogRefusal.unreachable(at.toString(), cause instanceof IOException ? cause : new IOException(cause));
    }
}
