package dev.coppice.aggregator.fleet;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Passes bytes on to a server, and keeps all that it is sent. */
public final class RecordingProxy implements AutoCloseable {
    private final ServerSocket socket;
    private final URI server;
    private final List<ByteArrayOutputStream> received = new CopyOnWriteArrayList<>();
    private final List<Socket> connections = new CopyOnWriteArrayList<>();

    public RecordingProxy(URI server) throws IOException {
        this.server = server;
        this.socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    public URI uri() {
        return URI.create("http://127.0.0.1:" + socket.getLocalPort());
    }

    /** All bytes that went to the server, by connection. */
    public List<byte[]> received() {
        return received.stream().map(ByteArrayOutputStream::toByteArray).toList();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = socket.accept();
                Socket upstream = new Socket(InetAddress.getLoopbackAddress(), server.getPort());
                connections.addAll(List.of(client, upstream));
                ByteArrayOutputStream record = new ByteArrayOutputStream();
                received.add(record);
                Thread.ofVirtual().start(() -> pass(client, upstream, record));
                Thread.ofVirtual().start(() -> pass(upstream, client, new ByteArrayOutputStream()));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private static void pass(Socket from, Socket to, ByteArrayOutputStream record) {
        byte[] buffer = new byte[8192];
        try (InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                record.write(buffer, 0, count);
                out.write(buffer, 0, count);
                out.flush();
            }
        } catch (IOException e) {
            // either side hung up
        }
    }

    /** Ends all connections and takes no more. */
    public void cut() throws IOException {
        socket.close();
        for (Socket connection : connections) {
            connection.close();
        }
    }

    @Override
    public void close() throws IOException {
        cut();
    }
}
