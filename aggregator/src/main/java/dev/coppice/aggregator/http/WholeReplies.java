package dev.coppice.aggregator.http;

import io.micronaut.context.event.BeanCreatedEvent;
import io.micronaut.context.event.BeanCreatedEventListener;
import io.micronaut.http.server.netty.HttpCompressionStrategy;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import jakarta.inject.Singleton;

/**
 * Has the server compress whole replies alone. A file that goes in pieces would have a compressor of its own for as long as nobody
 * reads it, a quarter of a megabyte; and parts are of what it is, not of what comes out of that.
 */
@Singleton
final class WholeReplies implements BeanCreatedEventListener<HttpCompressionStrategy> {
    @Override
    public HttpCompressionStrategy onCreated(BeanCreatedEvent<HttpCompressionStrategy> event) {
        return new Strategy(event.getBean());
    }

    private record Strategy(HttpCompressionStrategy usual) implements HttpCompressionStrategy {
        @Override
        public boolean shouldCompress(HttpResponse response) {
            return !response.headers().contains(HttpHeaderNames.ACCEPT_RANGES) && usual.shouldCompress(response);
        }

        @Override
        public boolean isEnabled() {
            return usual.isEnabled();
        }

        @Override
        public int getCompressionLevel() {
            return usual.getCompressionLevel();
        }

        @Override
        public int getMaxZstdEncodeSize() {
            return usual.getMaxZstdEncodeSize();
        }
    }
}
