package dev.coppice.simulator.fleet;

import com.google.protobuf.ByteString;
import dev.coppice.agent.upload.Step;
import dev.coppice.crypto.privacy.PrivacyLedger.Total;
import dev.coppice.simulator.fleet.Portion.Turn;
import dev.coppice.simulator.fleet.Slice.Seat;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Slices and portions as bytes, between processes of one version. */
final class SliceWire {
    private SliceWire() {}

    /** What writes to a stream in memory. */
    private interface Writing {
        void to(DataOutputStream out) throws IOException;
    }

    private static byte[] bytes(Writing writing) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            writing.to(out);
        }
        return bytes.toByteArray();
    }

    static byte[] bytes(Slice slice) throws IOException {
        return bytes(out -> {
            out.writeInt(slice.round());
            put(out, slice.terms());
            put(out, slice.candidate());
            Instant opened = slice.opened();
            out.writeLong(opened.getEpochSecond());
            out.writeInt(opened.getNano());
            out.writeInt(slice.seats().size());
            for (Seat seat : slice.seats()) {
                put(out, seat);
            }
        });
    }

    static Slice slice(byte[] bytes) throws IOException {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int round = in.readInt();
            ByteString terms = bytes(in);
            ByteString candidate = bytes(in);
            Instant opened = Instant.ofEpochSecond(in.readLong(), in.readInt());
            List<Seat> seats = new ArrayList<>();
            for (int left = in.readInt(); left > 0; left--) {
                seats.add(seat(in));
            }
            return new Slice(round, terms, candidate, opened, seats);
        }
    }

    private static void put(DataOutputStream out, Seat seat) throws IOException {
        out.writeInt(seat.device());
        out.writeInt(seat.place());
        out.writeInt(seat.group());
        out.writeBoolean(seat.counted());
        put(out, seat.record());
        out.writeBoolean(seat.crafted().isPresent());
        if (seat.crafted().isPresent()) {
            DeviceTurn.Trained crafted = seat.crafted().get();
            put(out, crafted.update());
            out.writeInt(crafted.steps());
            out.writeDouble(crafted.loss());
        }
    }

    private static Seat seat(DataInputStream in) throws IOException {
        return new Seat(
                in.readInt(),
                in.readInt(),
                in.readInt(),
                in.readBoolean(),
                bytes(in),
                in.readBoolean()
                        ? Optional.of(new DeviceTurn.Trained(floats(in), in.readInt(), in.readDouble()))
                        : Optional.empty());
    }

    static byte[] bytes(Portion portion) throws IOException {
        return bytes(out -> {
            out.writeInt(portion.turns().size());
            for (Turn turn : portion.turns()) {
                out.writeInt(turn.device());
                put(out, turn.part());
                put(out, turn.record());
            }
            put(out, portion.sums());
        });
    }

    static Portion portion(byte[] bytes) throws IOException {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            List<Turn> turns = new ArrayList<>();
            for (int left = in.readInt(); left > 0; left--) {
                turns.add(new Turn(in.readInt(), part(in), bytes(in)));
            }
            return new Portion(turns, sums(in));
        }
    }

    private static void put(DataOutputStream out, Tally.Part part) throws IOException {
        out.writeBoolean(part.refused().isPresent());
        if (part.refused().isPresent()) {
            out.writeUTF(part.refused().get());
        }
        out.writeUTF(part.gone().map(Step::name).orElse(""));
        out.writeBoolean(part.member());
        out.writeBoolean(part.inSum());
        out.writeInt(part.steps());
        out.writeDouble(part.loss());
        out.writeLong(part.ready().toNanos());
        out.writeLong(part.bytesUp());
        out.writeLong(part.bytesDown());
        out.writeLong(part.spent().participations());
        out.writeDouble(part.spent().rho());
    }

    private static Tally.Part part(DataInputStream in) throws IOException {
        Optional<String> refused = in.readBoolean() ? Optional.of(in.readUTF()) : Optional.empty();
        String gone = in.readUTF();
        return new Tally.Part(
                refused,
                gone.isEmpty() ? Optional.empty() : Optional.of(Step.valueOf(gone)),
                in.readBoolean(),
                in.readBoolean(),
                in.readInt(),
                in.readDouble(),
                Duration.ofNanos(in.readLong()),
                in.readLong(),
                in.readLong(),
                new Total(in.readLong(), in.readDouble()));
    }

    private static void put(DataOutputStream out, Sums sums) throws IOException {
        out.writeInt(sums.groups().size());
        for (var group : sums.groups().entrySet()) {
            int[] values = group.getValue().values();
            ByteBuffer packed = ByteBuffer.allocate(values.length * Integer.BYTES);
            packed.asIntBuffer().put(values);
            out.writeInt(group.getKey());
            out.writeInt(group.getValue().devices());
            put(out, ByteString.copyFrom(packed));
        }
        out.writeInt(sums.each().size());
        for (var one : sums.each().entrySet()) {
            out.writeInt(one.getKey());
            put(out, one.getValue());
        }
        long[] values = sums.plain().values();
        ByteBuffer packed = ByteBuffer.allocate(values.length * Long.BYTES);
        packed.asLongBuffer().put(values);
        out.writeInt(sums.plain().devices());
        put(out, ByteString.copyFrom(packed));
    }

    private static Sums sums(DataInputStream in) throws IOException {
        Sums sums = new Sums();
        for (int left = in.readInt(); left > 0; left--) {
            int group = in.readInt();
            int devices = in.readInt();
            ByteString packed = bytes(in);
            int[] values = new int[packed.size() / Integer.BYTES];
            packed.asReadOnlyByteBuffer().asIntBuffer().get(values);
            sums.add(group, values, devices);
        }
        for (int left = in.readInt(); left > 0; left--) {
            sums.addWhole(in.readInt(), floats(in));
        }
        int devices = in.readInt();
        ByteString packed = bytes(in);
        long[] values = new long[packed.size() / Long.BYTES];
        packed.asReadOnlyByteBuffer().asLongBuffer().get(values);
        sums.plain().add(values, devices);
        return sums;
    }

    private static void put(DataOutputStream out, float[] floats) throws IOException {
        ByteBuffer packed = ByteBuffer.allocate(floats.length * Float.BYTES);
        packed.asFloatBuffer().put(floats);
        put(out, ByteString.copyFrom(packed));
    }

    private static float[] floats(DataInputStream in) throws IOException {
        ByteString packed = bytes(in);
        float[] floats = new float[packed.size() / Float.BYTES];
        packed.asReadOnlyByteBuffer().asFloatBuffer().get(floats);
        return floats;
    }

    private static void put(DataOutputStream out, ByteString bytes) throws IOException {
        out.writeInt(bytes.size());
        bytes.writeTo(out);
    }

    private static ByteString bytes(DataInputStream in) throws IOException {
        int size = in.readInt();
        ByteString bytes = ByteString.copyFrom(in.readNBytes(size));
        if (bytes.size() != size) {
            throw new IOException("a piece of a fleet's work ends too early");
        }
        return bytes;
    }
}
