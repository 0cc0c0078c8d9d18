package dev.coppice.aggregator.limits;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Hangs up on who is too slow on a connection of HTTP/1.1: at sending a head, at sending a body, or at reading a reply; and on who
 * sends a body in crumbs. Sits right behind the codec, on the connection's thread. A head or body that is late gets 408.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what fails on a connection closes it, and nobody else waits for it
final class Pace extends ChannelDuplexHandler {
    /** So that a body's own deadline, which can say more, comes first. */
    static final Duration LATER = Duration.ofSeconds(2);

    private final LimitSettings settings;
    private final Queue<Long> unread = new ArrayDeque<>();
    private @Nullable Future<?> request;
    private @Nullable Future<?> reply;
    private Pieces pieces = new Pieces();
    private long heads;
    private long replies;
    private boolean isHearing;
    private boolean isReplying;

    Pace(LimitSettings settings) {
        this.settings = settings;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        expectRequest(context, settings.headTime());
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof HttpRequest head) {
            heads++;
            isHearing = true;
            pieces = new Pieces();
            expectRequest(
                    context,
                    settings.bodyTimeMax(HttpUtil.getContentLength(head, 0L)).plus(LATER));
        }
        if (message instanceof HttpContent content
                && pieces.areTooSmall(content.content().readableBytes())) {
            ReferenceCountUtil.release(message);
            context.close();
            return;
        }
        if (message instanceof LastHttpContent) {
            isHearing = false;
            isReplying &= heads != replies;
            expectNext(context);
        }
        context.fireChannelRead(message);
    }

    /** Nobody waits for us to answer, or else there is no hurry. */
    private void expectNext(ChannelHandlerContext context) {
        cancel(request);
        if (heads == replies) {
            expectRequest(context, settings.idleTime());
        }
    }

    private void expectRequest(ChannelHandlerContext context, Duration within) {
        cancel(request);
        request = context.executor().schedule(() -> late(context), within.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void late(ChannelHandlerContext context) {
        boolean isItsTurn = !isReplying && replies == (isHearing ? heads - 1 : heads);
        if (!isItsTurn) {
            context.close();
            return;
        }
        FullHttpResponse late = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.REQUEST_TIMEOUT);
        late.headers().set(HttpHeaderNames.CONTENT_LENGTH, 0).set(HttpHeaderNames.CONNECTION, "close");
        context.writeAndFlush(late).addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        if (message instanceof HttpResponse head && head.status().codeClass() == HttpStatusClass.INFORMATIONAL) {
            context.write(message, promise);
            return;
        }
        isReplying = true;
        boolean isLast = message instanceof LastHttpContent;
        long bytes = message instanceof HttpContent content ? content.content().readableBytes() : 0;
        unread.add(bytes);
        if (unread.size() == 1) {
            expectRead(context, bytes);
        }
        context.write(message, promise.unvoid()).addListener(written -> {
            unread.remove();
            cancel(reply);
            if (!unread.isEmpty()) {
                expectRead(context, unread.element());
            }
            if (isLast) {
                replied(context);
            }
        });
    }

    /** Who was answered before all was heard is not heard out. */
    private void replied(ChannelHandlerContext context) {
        replies++;
        isReplying = false;
        if (isHearing && heads == replies) {
            isReplying = true;
            expectRequest(context, LATER);
        } else if (!isHearing) {
            expectNext(context);
        }
    }

    private void expectRead(ChannelHandlerContext context, long bytes) {
        long longest = settings.readTimeMax(bytes).toMillis();
        reply = context.executor().schedule(() -> context.close(), longest, TimeUnit.MILLISECONDS);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        cancel(request);
        cancel(reply);
    }

    private static void cancel(@Nullable Future<?> timer) {
        if (timer != null) {
            timer.cancel(false);
        }
    }
}
