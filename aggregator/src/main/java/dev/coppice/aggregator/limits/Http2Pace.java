package dev.coppice.aggregator.limits;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Flags;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2RemoteFlowController;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Hangs up on who is too slow on a connection of HTTP/2: a stream whose body does not come, or whose reply is not read, is reset; a
 * connection without a stream, or with many frames that ask for nothing, is closed. Looks once a second, on the connection's
 * thread. Heads are not seen before they are whole, and meanwhile no other stream can begin: they are bounded as silence is.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what fails on a connection closes it, and nobody else waits for it
final class Http2Pace extends Http2FrameListenerDecorator {
    private static final Duration LOOK = Duration.ofSeconds(1);

    /** As Netty has it of resets. */
    private static final Duration SPAN = Duration.ofSeconds(30);

    private static final int USELESS_FRAMES_MAX = 200;

    /** Windows are opened by as much as this with each frame, or there are too many frames. */
    private static final int BYTES_PER_UPDATE_MIN = 512;

    private final LimitSettings settings;
    private final Http2ConnectionHandler handler;
    private final ChannelHandlerContext context;
    private final Http2Connection.PropertyKey key;
    private final Frames frames;
    private long quietSince;
    private boolean isFirst = true;

    private Http2Pace(LimitSettings settings, Http2ConnectionHandler handler, ChannelHandlerContext context) {
        super(handler.decoder().frameListener());
        this.settings = settings;
        this.handler = handler;
        this.context = context;
        this.key = handler.connection().newKey();
        this.quietSince = now();
        this.frames = new Frames();
    }

    /** Watches a connection that has just been set up. */
    static void watch(LimitSettings settings, Http2ConnectionHandler handler, ChannelHandlerContext context) {
        Http2Pace pace = new Http2Pace(settings, handler, context);
        handler.decoder().frameListener(pace);
        Future<?> looks = context.executor()
                .scheduleAtFixedRate(pace::look, LOOK.toMillis(), LOOK.toMillis(), TimeUnit.MILLISECONDS);
        context.channel().closeFuture().addListener(closed -> looks.cancel(false));
        context.pipeline().addLast(new Departures());
    }

    /** A write that fails because the client has gone is nothing to log: or else clients fill the log. */
    private static final class Departures extends ChannelInboundHandlerAdapter {
        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            if (!(cause instanceof IOException)) {
                context.fireExceptionCaught(cause);
            }
        }
    }

    /** A request, from its head on. */
    private static final class Request {
        private final long began;
        private final long bodyBytes;
        private final Pieces pieces = new Pieces();
        private long granted;
        private boolean isAnswered;
        private long answeredSince;
        private boolean isUnread;
        private long unreadSince;
        private long sentBefore;

        Request(long began, long bodyBytes) {
            this.began = began;
            this.bodyBytes = bodyBytes;
        }
    }

    /** Frames that neither ask for anything nor bring anything. */
    private final class Frames {
        private long since = now();
        private long count;
        private long granted;

        void count(long moreGranted) throws Http2Exception {
            granted += moreGranted;
            count++;
            if (now() - since > SPAN.toNanos()) {
                since = now();
                count = 1;
                granted = moreGranted;
            }
            if (count > USELESS_FRAMES_MAX + granted / BYTES_PER_UPDATE_MIN) {
                throw Http2Exception.connectionError(Http2Error.ENHANCE_YOUR_CALM, "Frames that ask for nothing");
            }
        }
    }

    private long now() {
        return context.executor().ticker().nanoTime();
    }

    private void look() {
        long now = now();
        Http2Connection connection = handler.connection();
        if (connection.numActiveStreams() > 0) {
            quietSince = now;
        } else if (now - quietSince > (isFirst ? settings.headTime() : settings.idleTime()).toNanos()) {
            hangUp(Http2Error.NO_ERROR);
            return;
        }
        List<Http2Stream> late = new ArrayList<>();
        try {
            connection.forEachActiveStream(stream -> {
                if (isLate(stream, now)) {
                    late.add(stream);
                }
                return true;
            });
            for (Http2Stream stream : late) {
                giveUp(stream);
            }
        } catch (Http2Exception e) {
            hangUp(Http2Error.INTERNAL_ERROR);
        }
        context.flush();
    }

    private boolean isLate(Http2Stream stream, long now) {
        @Nullable Request request = stream.getProperty(key);
        return request != null && (isSentTooSlowly(stream, request, now) || isReadTooSlowly(stream, request, now));
    }

    /** Who was answered before all was heard is not heard out. */
    private boolean isSentTooSlowly(Http2Stream stream, Request request, long now) {
        if (stream.state() == Http2Stream.State.HALF_CLOSED_LOCAL && !request.isAnswered) {
            request.isAnswered = true;
            request.answeredSince = now;
        }
        Duration longest = settings.bodyTimeMax(request.bodyBytes).plus(Pace.LATER);
        return stream.state().remoteSideOpen()
                && (now - request.began > longest.toNanos()
                        || (request.isAnswered && now - request.answeredSince > Pace.LATER.toNanos()));
    }

    /** While bytes wait for the client to open its window, or for its connection to take them. */
    private boolean isReadTooSlowly(Http2Stream stream, Request request, long now) {
        Http2RemoteFlowController windows = handler.encoder().flowController();
        boolean wasUnread = request.isUnread;
        request.isUnread = windows.hasFlowControlled(stream);
        if (!request.isUnread) {
            return false;
        }
        long sent = windows.initialWindowSize() + request.granted - windows.windowSize(stream);
        if (!wasUnread) {
            request.unreadSince = now;
            request.sentBefore = sent;
        }
        return now - request.unreadSince
                > settings.readTimeMax(sent - request.sentBefore).toNanos();
    }

    /** The server's side hears what it would hear if the client had given up. */
    private void giveUp(Http2Stream stream) throws Http2Exception {
        if (stream.isResetSent()) { // and not even that is taken
            hangUp(Http2Error.ENHANCE_YOUR_CALM);
            return;
        }
        listener.onRstStreamRead(context, stream.id(), Http2Error.CANCEL.code());
        handler.resetStream(context, stream.id(), Http2Error.CANCEL.code(), context.newPromise());
    }

    /** At once: the handler's own way of closing would wait for streams. */
    private void hangUp(Http2Error why) {
        int last = handler.connection().remote().lastStreamCreated();
        handler.goAway(context, last, why.code(), Unpooled.EMPTY_BUFFER, context.newPromise());
        context.flush();
        context.close();
    }

    @Override
    public void onHeadersRead(
            ChannelHandlerContext ctx, int streamId, Http2Headers headers, int padding, boolean endOfStream)
            throws Http2Exception {
        if (begins(streamId, headers)) {
            super.onHeadersRead(ctx, streamId, headers, padding, endOfStream);
        } else {
            onTrailersRead(ctx, streamId, endOfStream);
        }
    }

    @Override
    public void onHeadersRead(
            ChannelHandlerContext ctx,
            int streamId,
            Http2Headers headers,
            int streamDependency,
            short weight,
            boolean exclusive,
            int padding,
            boolean endOfStream)
            throws Http2Exception {
        if (begins(streamId, headers)) {
            super.onHeadersRead(ctx, streamId, headers, streamDependency, weight, exclusive, padding, endOfStream);
        } else {
            onTrailersRead(ctx, streamId, endOfStream);
        }
    }

    private boolean begins(int streamId, Http2Headers headers) {
        Http2Stream stream = handler.connection().stream(streamId);
        isFirst = false;
        quietSince = now();
        if (stream.getProperty(key) != null) {
            return false;
        }
        stream.setProperty(key, new Request(now(), headers.getLong(HttpHeaderNames.CONTENT_LENGTH, 0L)));
        return true;
    }

    /** A body may end with trailers, which Micronaut does not hear. */
    private void onTrailersRead(ChannelHandlerContext ctx, int streamId, boolean endOfStream) throws Http2Exception {
        if (endOfStream) {
            super.onDataRead(ctx, streamId, Unpooled.EMPTY_BUFFER, 0, true);
        }
    }

    @Override
    public int onDataRead(ChannelHandlerContext ctx, int streamId, ByteBuf data, int padding, boolean endOfStream)
            throws Http2Exception {
        @Nullable Request request = handler.connection().stream(streamId).getProperty(key);
        if (request != null && request.pieces.areTooSmall(data.readableBytes())) {
            throw Http2Exception.connectionError(Http2Error.ENHANCE_YOUR_CALM, "A body in crumbs");
        }
        return super.onDataRead(ctx, streamId, data, padding, endOfStream);
    }

    @Override
    public void onWindowUpdateRead(ChannelHandlerContext ctx, int streamId, int windowSizeIncrement)
            throws Http2Exception {
        frames.count(windowSizeIncrement);
        Http2Stream stream = handler.connection().stream(streamId);
        @Nullable Request request = stream == null ? null : stream.getProperty(key);
        if (request != null) {
            request.granted += windowSizeIncrement;
        }
        super.onWindowUpdateRead(ctx, streamId, windowSizeIncrement);
    }

    @Override
    public void onPingRead(ChannelHandlerContext ctx, long data) throws Http2Exception {
        frames.count(0);
        super.onPingRead(ctx, data);
    }

    @Override
    public void onSettingsRead(ChannelHandlerContext ctx, Http2Settings read) throws Http2Exception {
        frames.count(0);
        super.onSettingsRead(ctx, read);
    }

    @Override
    public void onPriorityRead(
            ChannelHandlerContext ctx, int streamId, int streamDependency, short weight, boolean exclusive)
            throws Http2Exception {
        frames.count(0);
        super.onPriorityRead(ctx, streamId, streamDependency, weight, exclusive);
    }

    @Override
    public void onUnknownFrame(
            ChannelHandlerContext ctx, byte frameType, int streamId, Http2Flags flags, ByteBuf payload)
            throws Http2Exception {
        frames.count(0);
        super.onUnknownFrame(ctx, frameType, streamId, flags, payload);
    }
}
