package dev.coppice.aggregator.limits;

import io.micronaut.context.event.BeanCreatedEvent;
import io.micronaut.context.event.BeanCreatedEventListener;
import io.micronaut.http.server.netty.NettyServerCustomizer;
import io.micronaut.http.server.netty.NettyServerCustomizer.ChannelRole;
import io.netty.channel.Channel;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import jakarta.inject.Singleton;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Bounds the connections of each address, and gives each a {@link Pace}, or an {@link Http2Pace}. A connection too many is closed
 * unheard.
 */
@Singleton
final class ConnectionLimits implements BeanCreatedEventListener<NettyServerCustomizer.Registry> {
    private static final String HTTP_1_CODEC = "http-server-codec";

    private final Addresses addresses;
    private final LimitSettings settings;
    private final Map<String, Integer> open = new ConcurrentHashMap<>();

    ConnectionLimits(Addresses addresses, LimitSettings settings) {
        this.addresses = addresses;
        this.settings = settings;
    }

    @Override
    public NettyServerCustomizer.Registry onCreated(BeanCreatedEvent<NettyServerCustomizer.Registry> event) {
        event.getBean().register(new Customizer());
        return event.getBean();
    }

    private final class Customizer implements NettyServerCustomizer {
        @Override
        public NettyServerCustomizer specializeForChannel(Channel channel, ChannelRole role) {
            if (role != ChannelRole.CONNECTION) {
                return this;
            }
            count(channel);
            return new NettyServerCustomizer() {
                @Override
                public void onInitialPipelineBuilt() {
                    Http2ConnectionHandler http2 = channel.pipeline().get(Http2ConnectionHandler.class);
                    if (http2 != null) {
                        Http2Pace.watch(settings, http2, channel.pipeline().context(http2));
                    }
                }

                @Override
                public void onStreamPipelineBuilt() {
                    if (channel.pipeline().get(HTTP_1_CODEC) != null) {
                        channel.pipeline().addAfter(HTTP_1_CODEC, "coppice-pace", new Pace(settings));
                    }
                }
            };
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // nobody waits for it to be closed
    private void count(Channel channel) {
        Optional<String> limited = addresses.limited(channel.remoteAddress());
        if (limited.isEmpty() || settings.addressConnections() == 0) {
            return;
        }
        String address = limited.get();
        int now = open.compute(address, (a, n) -> n == null ? 1 : n + 1);
        channel.closeFuture().addListener(closed -> open.computeIfPresent(address, (a, n) -> n == 1 ? null : n - 1));
        if (now > settings.addressConnections()) {
            channel.close();
        }
    }
}
