package dev.coppice.aggregator.fleet;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameTypes;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** HTTP/2 over one connection with TLS, frame by frame (RFC 9113, section 4.1), so that it may be done wrong. For one thread that reads. */
public final class RawHttp2Client implements Closeable {
    /** What becomes of a stream whose connection ends. */
    public static final String HUNG_UP = "hung up";

    public static final int END_STREAM = 0x1;
    public static final int END_HEADERS = 0x4;

    private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    private static final int HEAD_BYTES = 9;

    private final Socket socket = new Socket();
    private final SSLSocket tls;
    private final DataInputStream in;
    private final DefaultHttp2HeadersEncoder encoder = new DefaultHttp2HeadersEncoder();
    private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder();

    /** Some part of what is said on a connection. */
    public record Frame(int type, int flags, int stream, ByteBuf payload) {}

    /**
     * Connects, and does not say a word.
     *
     * @param from one of this machine's addresses, as whose the client shows
     * @param bytesMax that the machine takes in without being read; 0 for as usual
     */
    public RawHttp2Client(SSLContext trust, String from, int port, int bytesMax) throws IOException {
        if (bytesMax > 0) {
            socket.setReceiveBufferSize(bytesMax);
        }
        socket.bind(new InetSocketAddress(InetAddress.ofLiteral(from), 0));
        socket.setSoTimeout(30_000);
        socket.setTcpNoDelay(true);
        socket.connect(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port), 10_000);
        tls = (SSLSocket) trust.getSocketFactory().createSocket(socket, "127.0.0.1", port, true);
        SSLParameters parameters = tls.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2"});
        tls.setSSLParameters(parameters);
        tls.startHandshake();
        in = new DataInputStream(new BufferedInputStream(tls.getInputStream()));
    }

    /**
     * Begins as a client does (section 3.4).
     *
     * @param settings pairs of identifier and value
     */
    public void begin(int... settings) throws IOException {
        write(PREFACE.getBytes(StandardCharsets.US_ASCII));
        settings(settings);
    }

    public void settings(int... settings) throws IOException {
        ByteBuffer payload = ByteBuffer.allocate(settings.length * 3);
        for (int i = 0; i < settings.length; i += 2) {
            payload.putShort((short) settings[i]).putInt(settings[i + 1]);
        }
        frame(Http2FrameTypes.SETTINGS, 0, 0, payload.array());
    }

    public void ping() throws IOException {
        frame(Http2FrameTypes.PING, 0, 0, new byte[8]);
    }

    /** Reads until so many replies have begun. */
    public void awaitHeads(int count) throws IOException {
        for (int seen = 0; seen < count; ) {
            Frame frame = next().orElseThrow(() -> new EOFException("hung up"));
            seen += frame.type() == Http2FrameTypes.HEADERS ? 1 : 0;
        }
    }

    /** Opens a window further; stream 0 is the connection. */
    public void open(int stream, int bytes) throws IOException {
        frame(Http2FrameTypes.WINDOW_UPDATE, 0, stream, number(bytes));
    }

    public void reset(int stream) throws IOException {
        frame(Http2FrameTypes.RST_STREAM, 0, stream, number(8));
    }

    public void get(int stream, String path) throws IOException {
        get(stream, path, Map.of());
    }

    public void get(int stream, String path, Map<String, String> with) throws IOException {
        frame(Http2FrameTypes.HEADERS, END_HEADERS | END_STREAM, stream, head("GET", path, with));
    }

    /** The head of a request whose body is still to come. */
    public void post(int stream, String path, Map<String, String> with) throws IOException {
        frame(Http2FrameTypes.HEADERS, END_HEADERS, stream, head("POST", path, with));
    }

    public void data(int stream, boolean isLast, byte[] bytes) throws IOException {
        frame(Http2FrameTypes.DATA, isLast ? END_STREAM : 0, stream, bytes);
    }

    /** A block of headers, to be sent in order. */
    public byte[] head(String method, String path, Map<String, String> with) throws IOException {
        Http2Headers headers = new DefaultHttp2Headers()
                .method(method)
                .path(path)
                .scheme("https")
                .authority("aggregator");
        with.forEach(headers::add);
        return block(headers);
    }

    /** What may come after a body. */
    public byte[] trailers() throws IOException {
        return block(new DefaultHttp2Headers().add("checksum", "none"));
    }

    private synchronized byte[] block(Http2Headers headers) throws IOException {
        ByteBuf block = Unpooled.buffer();
        try {
            encoder.encodeHeaders(1, headers, block);
        } catch (Http2Exception e) {
            throw new IOException(e);
        }
        byte[] bytes = new byte[block.readableBytes()];
        block.readBytes(bytes);
        return bytes;
    }

    public void frame(int type, int flags, int stream, byte[] payload) throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(HEAD_BYTES + payload.length);
        frame.put((byte) (payload.length >> 16)).putShort((short) payload.length);
        frame.put((byte) type).put((byte) flags).putInt(stream).put(payload);
        write(frame.array());
    }

    private static byte[] number(int value) {
        return ByteBuffer.allocate(4).putInt(value).array();
    }

    private void write(byte[] bytes) throws IOException {
        tls.getOutputStream().write(bytes);
    }

    /** The next frame; empty if the connection ended. */
    public Optional<Frame> next() throws IOException {
        try {
            int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
            int type = in.readUnsignedByte();
            int flags = in.readUnsignedByte();
            int stream = in.readInt();
            return Optional.of(new Frame(type, flags, stream, Unpooled.wrappedBuffer(in.readNBytes(length))));
        } catch (EOFException | SocketException | SSLException e) {
            return Optional.empty();
        }
    }

    /**
     * Reads until a stream is over: the status of a reply that is complete, {@code reset} and the code, or {@link #HUNG_UP}.
     */
    public String fate(int stream) throws IOException {
        String status = "";
        for (Optional<Frame> next = next(); next.isPresent(); next = next()) {
            Frame frame = next.get();
            if (frame.type() == Http2FrameTypes.HEADERS) {
                String read = status(frame);
                status = frame.stream() == stream ? read : status;
            }
            if (frame.stream() == stream && frame.type() == Http2FrameTypes.RST_STREAM) {
                return "reset " + frame.payload().readInt();
            }
            boolean isReply = frame.type() == Http2FrameTypes.HEADERS || frame.type() == Http2FrameTypes.DATA;
            if (frame.stream() == stream && isReply && (frame.flags() & END_STREAM) != 0) {
                return status;
            }
        }
        return HUNG_UP;
    }

    private String status(Frame frame) throws IOException {
        try {
            return String.valueOf(
                    decoder.decodeHeaders(frame.stream(), frame.payload()).status());
        } catch (Http2Exception e) {
            throw new IOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        socket.close(); // without a word, which might have to wait
    }
}
