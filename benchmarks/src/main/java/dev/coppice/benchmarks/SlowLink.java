package dev.coppice.benchmarks;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A way to a server that lets so many bytes through in a second, HTTP's own included, and takes a time for each way. All
 * connections share it; each direction has the whole rate.
 */
final class SlowLink implements Closeable {
    private static final int PIECE_BYTES = 1460; // of a TCP segment
    private static final int PIECES_MAX = 1024;

    /** What a thread that wakes up late makes up for: else the machine's load would slow the link. */
    private static final long LATE_NANOS_MAX = 20_000_000;

    private final ServerSocket door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final URI server;
    private final Direction up;
    private final Direction down;

    /** @param oneWay how long a byte is under way */
    SlowLink(URI server, long bitsPerSecond, Duration oneWay) throws IOException {
        this.server = server;
        this.up = new Direction(bitsPerSecond, oneWay);
        this.down = new Direction(bitsPerSecond, oneWay);
        start("door", this::admit);
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + door.getLocalPort());
    }

    /** Bytes that came from the server so far. */
    long bytesDown() {
        return down.bytes.get();
    }

    long bytesUp() {
        return up.bytes.get();
    }

    private void admit() throws IOException {
        while (true) {
            Socket client = door.accept();
            Socket behind = new Socket(server.getHost(), server.getPort());
            client.setTcpNoDelay(true);
            behind.setTcpNoDelay(true);
            start("up", () -> up.carry(client, behind));
            start("down", () -> down.carry(behind, client));
        }
    }

    private interface Work {
        void run() throws IOException, InterruptedException;
    }

    private static void start(String name, Work work) {
        Thread.ofVirtual().name(name).start(() -> {
            try {
                work.run();
            } catch (IOException e) {
                // one side hung up
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    @Override
    public void close() throws IOException {
        door.close();
    }

    /** Bytes, and when the last of them arrives; none where nothing follows. */
    @SuppressWarnings("ArrayRecordComponent") // handed from one thread to another, once
    private record Piece(byte[] bytes, long arrivesAt) {}

    /** One direction: a piece leaves when all before it have, and arrives a while later. */
    private static final class Direction {
        private static final Piece LAST = new Piece(new byte[0], 0);

        private final double nanosPerByte;
        private final long oneWayNanos;
        private final AtomicLong freeAt = new AtomicLong(System.nanoTime());
        private final AtomicLong bytes = new AtomicLong();

        Direction(long bitsPerSecond, Duration oneWay) {
            this.nanosPerByte = 8e9 / bitsPerSecond;
            this.oneWayNanos = oneWay.toNanos();
        }

        void carry(Socket from, Socket to) throws IOException, InterruptedException {
            BlockingQueue<Piece> onItsWay = new ArrayBlockingQueue<>(PIECES_MAX);
            start("arrivals", () -> deliver(onItsWay, to));
            try (from;
                    InputStream in = from.getInputStream()) {
                byte[] piece = new byte[PIECE_BYTES];
                for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
                    long length = (long) (count * nanosPerByte);
                    long now = System.nanoTime();
                    long sent = freeAt.updateAndGet(free -> Math.max(free, now - LATE_NANOS_MAX) + length);
                    sleepUntil(sent);
                    onItsWay.put(new Piece(Arrays.copyOf(piece, count), sent + oneWayNanos));
                }
            } finally {
                onItsWay.put(LAST);
            }
        }

        private void deliver(BlockingQueue<Piece> onItsWay, Socket to) throws IOException, InterruptedException {
            try (to;
                    OutputStream out = to.getOutputStream()) {
                for (Piece piece = onItsWay.take(); piece.bytes().length > 0; piece = onItsWay.take()) {
                    sleepUntil(piece.arrivesAt());
                    bytes.addAndGet(piece.bytes().length);
                    out.write(piece.bytes());
                    out.flush();
                }
            }
        }

        private static void sleepUntil(long nanos) throws InterruptedException {
            long left = nanos - System.nanoTime();
            if (left > 0) {
                Thread.sleep(Duration.ofNanos(left));
            }
        }
    }
}
