package dev.coppice.simulator.fleet;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.protobuf.ByteString;
import dev.coppice.aggregator.store.AbortReason;
import dev.coppice.aggregator.store.Phase;
import dev.coppice.aggregator.store.StoredRound;
import dev.coppice.aggregator.store.StoredTask;
import dev.coppice.aggregator.store.Tally;
import dev.coppice.simulator.fleet.FleetResult.Judged;
import dev.coppice.simulator.fleet.FleetRun.Progressed;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where a run has come to, in one file that is written after each round, whole or not at all: a killed run goes on with the
 * round that it was in. Holds the task, what is left of past rounds, and each device's record: some hundred bytes a device. The
 * candidates are in the run's folder of blobs. For runs of one scenario and one seed, which its name should tell.
 */
public final class Checkpoint {
    /** Nothing is kept. */
    static final Checkpoint NONE = new Checkpoint(Optional.empty(), "");

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int VERSION = 2;

    private final Optional<Path> file;
    private final String run;

    private Checkpoint(Optional<Path> file, String run) {
        this.file = file;
        this.run = run;
    }

    /**
     * A checkpoint in a file.
     *
     * @param run names what is run: a checkpoint of another run is refused
     */
    public static Checkpoint in(Path file, String run) {
        return new Checkpoint(Optional.of(file), run);
    }

    /** The rounds that are done; none if there is no checkpoint. */
    public List<RoundRecord> rounds(int devices) throws IOException {
        return read(devices).map(Progressed::rounds).orElse(List.of());
    }

    /** @throws IOException if the file is of another run or another version */
    Optional<Progressed> read(int devices) throws IOException {
        if (file.isEmpty() || !Files.exists(file.get())) {
            return Optional.empty();
        }
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file.get())))) {
            if (in.readInt() != VERSION || !text(in).equals(run) || in.readInt() != devices) {
                throw new IOException("the checkpoint " + file.get()
                        + " is of another scenario, seed or version: choose another folder, or run without --resume");
            }
            StoredTask task = task(in);
            Instant now = Instant.ofEpochSecond(in.readLong(), in.readInt());
            FleetState state = new FleetState(devices, task, now);
            for (int i = 0; i < devices; i++) {
                state.keep(i, in.readNBytes(in.readInt()));
                state.participated(i, in.readInt());
            }
            Judged base = new Judged(in.readDouble(), in.readDouble());
            List<StoredRound> past = new ArrayList<>();
            List<RoundRecord> records = new ArrayList<>();
            int rounds = in.readInt();
            for (int i = 0; i < rounds; i++) {
                past.add(round(in));
                records.add(JSON.readValue(bytes(in), RoundRecord.class));
            }
            state.restore(past);
            return Optional.of(new Progressed(state, base, records));
        }
    }

    void write(Progressed progressed) throws IOException {
        if (file.isEmpty()) {
            return;
        }
        Path aside = file.get().resolveSibling(file.get().getFileName() + ".part");
        try (FileOutputStream forced = new FileOutputStream(aside.toFile());
                DataOutputStream out = new DataOutputStream(new BufferedOutputStream(forced))) {
            write(progressed, out);
            out.flush();
            forced.getFD().sync();
        }
        Files.move(aside, file.get(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private void write(Progressed progressed, DataOutputStream out) throws IOException {
        FleetState state = progressed.state();
        out.writeInt(VERSION);
        put(out, run);
        out.writeInt(state.devices());
        put(out, state.task());
        Instant now = state.now();
        out.writeLong(now.getEpochSecond());
        out.writeInt(now.getNano());
        for (int i = 0; i < state.devices(); i++) {
            put(out, state.bytes(i));
            out.writeInt(state.participations(i));
        }
        out.writeDouble(progressed.base().accuracy());
        out.writeDouble(progressed.base().loss());
        out.writeInt(progressed.rounds().size());
        for (int i = 0; i < progressed.rounds().size(); i++) {
            put(out, state.past().get(i));
            put(out, JSON.writeValueAsBytes(progressed.rounds().get(i)));
        }
    }

    private static void put(DataOutputStream out, StoredTask task) throws IOException {
        put(out, task.id());
        put(out, task.population());
        put(out, task.baseModelSha256());
        put(out, task.definition());
        put(out, task.template().toByteArray());
        put(out, task.state().name());
        put(out, task.candidateSha256());
        put(out, task.optimizerState().toByteArray());
        put(out, task.buffer().toByteArray());
        out.writeLong(task.version());
    }

    private static StoredTask task(DataInputStream in) throws IOException {
        return new StoredTask(
                text(in),
                text(in),
                text(in),
                text(in),
                ByteString.copyFrom(bytes(in)),
                StoredTask.State.valueOf(text(in)),
                text(in),
                ByteString.copyFrom(bytes(in)),
                ByteString.copyFrom(bytes(in)),
                in.readLong());
    }

    /** What the next rounds may ask of one that is over. */
    private static void put(DataOutputStream out, StoredRound round) throws IOException {
        put(out, round.id());
        put(out, round.taskId());
        out.writeInt(round.number());
        put(out, round.phase().name());
        out.writeLong(round.version());
        put(out, round.result().sha256());
        out.writeInt(round.result().devices());
        put(out, round.result().transcriptSha256());
        put(out, round.reason().name());
    }

    private static StoredRound round(DataInputStream in) throws IOException {
        return new StoredRound(
                text(in),
                text(in),
                in.readInt(),
                Phase.valueOf(text(in)),
                in.readLong(),
                ByteString.EMPTY,
                Instant.EPOCH,
                Tally.NONE,
                ByteString.EMPTY,
                new StoredRound.Result(text(in), in.readInt(), text(in)),
                AbortReason.valueOf(text(in)));
    }

    private static void put(DataOutputStream out, String text) throws IOException {
        put(out, text.getBytes(StandardCharsets.UTF_8));
    }

    private static void put(DataOutputStream out, byte[] bytes) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static String text(DataInputStream in) throws IOException {
        return new String(bytes(in), StandardCharsets.UTF_8);
    }

    private static byte[] bytes(DataInputStream in) throws IOException {
        return in.readNBytes(in.readInt());
    }
}
