package dev.coppice.aggregator.limits;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A connection of HTTP/1.1 whose time is told: 10 s for a head, 10 s and 16 kB/s for a body, 60 s more for a reply, or between requests. */
class PaceTest {
    private static final int SECOND = 16_384;
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    private final EmbeddedChannel channel = new EmbeddedChannel();

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    private void begin() {
        channel.freezeTime();
        channel.pipeline().addLast(new HttpServerCodec(), new Pace(TestLimits.usual()));
    }

    private void send(String text) {
        channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII));
    }

    private void pass(long seconds) {
        channel.advanceTimeBy(seconds, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();
    }

    private void reply(int bytes) {
        DefaultFullHttpResponse reply = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.OK, Unpooled.wrappedBuffer(new byte[bytes]));
        HttpUtil.setContentLength(reply, bytes);
        channel.writeOutbound(reply);
    }

    private String sent() {
        ByteBuf sent = channel.readOutbound();
        return sent == null ? "" : sent.toString(StandardCharsets.US_ASCII);
    }

    private void assertLateAfter(int seconds) {
        for (int i = 1; i < seconds; i++) {
            pass(1);
            send("x"); // dripping is no better than silence
            assertThat(channel.isOpen()).as("%d s", i).isTrue();
        }
        pass(1);
        assertThat(channel.isOpen()).isFalse();
        assertThat(sent()).startsWith("HTTP/1.1 408 ");
    }

    @Test
    void aHeadHasItsTime() {
        begin();
        send("GET / HTTP/1.1\r\nHost: ");
        assertLateAfter(10);
    }

    /** And two seconds more, in which the body's own deadline can say what was wrong. */
    @Test
    void aBodyHasItsTimeAndWhatItTakes() {
        begin();
        send("POST / HTTP/1.1\r\nContent-Length: " + 5 * SECOND + "\r\n\r\n");
        assertLateAfter(10 + 5 + 2);
    }

    @Test
    void aReplyThatIsNotReadHasItsTime() {
        Unread unread = new Unread();
        channel.pipeline().addLast(unread);
        begin();
        send(GET);
        reply(7 * SECOND);
        pass(10 + 60 + 7 - 1);
        assertThat(channel.isOpen()).isTrue();
        pass(1);
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void aConnectionIsKeptBetweenRequestsForAWhile() {
        begin();
        for (int i = 0; i < 3; i++) {
            send(GET);
            reply(1);
            pass(59);
            assertThat(channel.isOpen()).isTrue();
        }
        pass(1);
        assertThat(channel.isOpen()).isFalse();
    }

    /** A network that takes nothing. */
    private static final class Unread extends ChannelOutboundHandlerAdapter {
        @Override
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
            ReferenceCountUtil.release(message);
        }
    }

    /** Each is held with what belongs to it until the body is whole. */
    @Test
    void aBodyInCrumbsIsNotHeardOut() {
        begin();
        send("POST / HTTP/1.1\r\nContent-Length: 100000\r\n\r\n");
        for (int i = 0; i < 256; i++) {
            send("x");
        }
        assertThat(channel.isOpen()).as("there may be some").isTrue();
        for (int i = 0; i < 3; i++) {
            send("x");
        }
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void aBodyInSmallPiecesIs() {
        begin();
        for (int body = 0; body < 2; body++) {
            send("POST / HTTP/1.1\r\nContent-Length: 128000\r\n\r\n");
            for (int i = 0; i < 1000; i++) {
                send("x".repeat(128));
            }
            reply(1);
        }
        assertThat(channel.isOpen()).isTrue();
    }
}
