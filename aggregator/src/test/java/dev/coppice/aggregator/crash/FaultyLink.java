package dev.coppice.aggregator.crash;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A stretch of network to one port: passes bytes on, until it is cut (connections break) or silent (nothing comes through). */
final class FaultyLink implements AutoCloseable {
    private enum State {
        GOOD,
        CUT,
        SILENT
    }

    private static final int BUFFER_BYTES = 64 << 10;

    private final ServerSocket listener;
    private final int target;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile State state = State.GOOD;

    FaultyLink(int target) throws IOException {
        this.target = target;
        this.listener = new ServerSocket(0, 256, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    /** Breaks all connections, and all that come. */
    void cut() {
        state = State.CUT;
        open.forEach(FaultyLink::close);
    }

    /** Holds everything back: neither end can tell. */
    void silence() {
        state = State.SILENT;
    }

    void heal() {
        state = State.GOOD;
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket from = listener.accept();
                if (state == State.CUT) {
                    from.close();
                } else {
                    Thread.ofVirtual().start(() -> join(from));
                }
            } catch (IOException e) {
                // closed, or nobody there
            }
        }
    }

    private void join(Socket from) {
        try {
            Socket to = new Socket(InetAddress.getLoopbackAddress(), target);
            open.add(from);
            open.add(to);
            from.setTcpNoDelay(true);
            to.setTcpNoDelay(true);
            Thread.ofVirtual().start(() -> pass(from, to));
            pass(to, from);
        } catch (IOException e) {
            close(from);
        }
    }

    private void pass(Socket from, Socket to) {
        byte[] buffer = new byte[BUFFER_BYTES];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(buffer); read >= 0 && state != State.CUT; read = in.read(buffer)) {
                while (state == State.SILENT) {
                    Thread.sleep(20);
                }
                out.write(buffer, 0, read);
            }
        } catch (IOException e) {
            // as broken connections are
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(from);
            open.remove(to);
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // is closed then
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        cut();
    }
}
