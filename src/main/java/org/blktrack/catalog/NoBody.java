package org.blktrack.catalog;

import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;

/** Leaves an answer's body unread: that of an error or a redirect is a page for people, and may be of any length. */
final class NoBody implements HttpResponse.BodySubscriber<byte[]> {
    @Override
    public CompletionStage<byte[]> getBody() {
        return CompletableFuture.completedFuture(new byte[0]);
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        subscription.cancel();
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        // What was under way when the subscription was cancelled.
    }

    @Override
    public void onError(Throwable failure) {
        // The status has been read; that is all there is to know.
    }

    @Override
    public void onComplete() {}
}
