package dev.coppice.aggregator.fleet;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** HTTP/1.1 over one connection, byte by byte, so that it may be done wrong. */
public final class RawClient implements Closeable {
    private final Socket socket = new Socket();
    private final InputStream in;
    private Map<String, String> headers = Map.of();

    /** @param from one of this machine's addresses, as whose the client shows */
    public RawClient(String from, int port) throws IOException {
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress(InetAddress.ofLiteral(from), 0));
        socket.setSoTimeout(30_000);
        socket.setTcpNoDelay(true);
        socket.connect(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port), 10_000);
        in = new BufferedInputStream(socket.getInputStream());
    }

    public void write(String text) throws IOException {
        write(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** Whoever is hung up on may still have a reply to read. */
    public void write(byte[] bytes) throws IOException {
        try {
            socket.getOutputStream().write(bytes);
        } catch (SocketException e) {
            if (in.available() == 0) {
                throw e;
            }
        }
    }

    public void head(String method, String path, Map<String, String> with) throws IOException {
        StringBuilder head = new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: aggregator\r\n");
        with.forEach(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        write(head.append("\r\n").toString());
    }

    /** Sends a whole request; its status. */
    public int post(String path, Map<String, String> with, byte[] body) throws IOException {
        Map<String, String> all = new HashMap<>(with);
        all.put("Content-Length", Integer.toString(body.length));
        head("POST", path, all);
        write(body);
        return status();
    }

    public int get(String path) throws IOException {
        head("GET", path, Map.of());
        return status();
    }

    public boolean hasReply() throws IOException {
        return in.available() > 0;
    }

    /** Reads the next reply; its status. */
    public int status() throws IOException {
        String line = line();
        Map<String, String> read = new HashMap<>();
        for (String header = line(); !header.isEmpty(); header = line()) {
            int colon = header.indexOf(':');
            read.put(
                    header.substring(0, colon).toLowerCase(Locale.ROOT),
                    header.substring(colon + 1).strip());
        }
        headers = read;
        in.skipNBytes(Integer.parseInt(read.getOrDefault("content-length", "0")));
        return Integer.parseInt(line.split(" ", -1)[1]);
    }

    /** Of the last reply; empty if there was none. */
    public String header(String name) {
        return headers.getOrDefault(name, "");
    }

    /** Whether the other side closed the connection without a word. */
    public boolean isHungUp() throws IOException {
        try {
            return in.read() < 0;
        } catch (SocketException e) {
            return true;
        }
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new EOFException("hung up");
            }
            if (b != '\r') {
                line.write(b);
            }
        }
        return line.toString(StandardCharsets.US_ASCII);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
