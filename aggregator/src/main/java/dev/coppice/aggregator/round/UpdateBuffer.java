package dev.coppice.aggregator.round;

import com.google.protobuf.ByteString;
import dev.coppice.aggregator.store.StoredTask;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * Mean updates of rounds that wait to be merged together, in one sum: each counts by its devices, times 1/√(1 + s) where there
 * were s merges since its round began (FedBuff; Nguyen et al. 2022). Nothing is merged while it fills, so
 * that an update is as stale when it is merged as when it came. Immutable.
 */
public final class UpdateBuffer {
    /** Candidates that rounds may have begun with: the present one, then those before it. */
    private final List<String> bases;

    private final int sums;
    private final int devices;
    private final float[] weighted;

    private UpdateBuffer(List<String> bases, int sums, int devices, float[] weighted) {
        this.bases = bases;
        this.sums = sums;
        this.devices = devices;
        this.weighted = weighted;
    }

    /** What waits of a task's rounds. */
    public static UpdateBuffer of(StoredTask task) {
        return task.buffer().isEmpty() ? empty(List.of(task.candidateSha256())) : read(task.buffer());
    }

    private static UpdateBuffer empty(List<String> bases) {
        return new UpdateBuffer(bases, 0, 0, new float[0]);
    }

    /** How many rounds' sums wait. */
    public int sums() {
        return sums;
    }

    /** Merges since a round began that started from this candidate; empty if they are too many to be remembered. */
    OptionalInt staleness(String baseSha256) {
        int merges = bases.indexOf(baseSha256);
        return merges < 0 ? OptionalInt.empty() : OptionalInt.of(merges);
    }

    /**
     * This with one more.
     *
     * @param update mean of a round's updates, as long as all others
     * @param updateDevices that are in it
     * @param staleness of the round
     */
    UpdateBuffer plus(float[] update, int updateDevices, int staleness) {
        float[] sum = sums == 0 ? new float[update.length] : weighted.clone();
        if (sum.length != update.length) {
            throw new IllegalArgumentException("An update of " + update.length + " values, not " + sum.length);
        }
        double weight = updateDevices / Math.sqrt(1.0 + staleness);
        for (int i = 0; i < sum.length; i++) {
            sum[i] += (float) (weight * update[i]);
        }
        return new UpdateBuffer(bases, sums + 1, devices + updateDevices, sum);
    }

    /** One update of all that wait, at least one: over all devices, so that what is stale makes the step smaller. */
    float[] mean() {
        float[] mean = new float[weighted.length];
        for (int i = 0; i < mean.length; i++) {
            mean[i] = weighted[i] / devices;
        }
        return mean;
    }

    /**
     * After a merge: nothing waits.
     *
     * @param stalenessMax of rounds whose sums are taken
     */
    UpdateBuffer merged(String candidateSha256, int stalenessMax) {
        List<String> known = new ArrayList<>(List.of(candidateSha256));
        known.addAll(bases.subList(0, Math.min(bases.size(), stalenessMax)));
        return empty(List.copyOf(known));
    }

    /** Big-endian: how many bases there are, and each; sums; devices; how many values there are, and each (float32). */
    ByteString toBytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(bases.size());
            for (String base : bases) {
                out.writeUTF(base);
            }
            out.writeInt(sums);
            out.writeInt(devices);
            out.writeInt(weighted.length);
            for (float value : weighted) {
                out.writeFloat(value);
            }
        } catch (IOException e) {
            throw new IllegalStateException("Memory does not fail", e);
        }
        return ByteString.copyFrom(bytes.toByteArray());
    }

    private static UpdateBuffer read(ByteString bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            List<String> bases = new ArrayList<>();
            for (int left = in.readInt(); left > 0; left--) {
                bases.add(in.readUTF());
            }
            int sums = in.readInt();
            int devices = in.readInt();
            float[] weighted = new float[in.readInt()];
            for (int i = 0; i < weighted.length; i++) {
                weighted[i] = in.readFloat();
            }
            return new UpdateBuffer(List.copyOf(bases), sums, devices, weighted);
        } catch (IOException e) {
            throw new IllegalStateException("A stored buffer does not parse", e);
        }
    }
}
