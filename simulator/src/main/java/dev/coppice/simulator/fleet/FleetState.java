package dev.coppice.simulator.fleet;

import dev.coppice.aggregator.store.StoredRound;
import dev.coppice.aggregator.store.StoredTask;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * All that goes on from one round to the next: the task, its past, the virtual time, and what each device remembers. Different
 * devices' records may be changed by different threads.
 */
final class FleetState {
    private static final byte[] NEVER_WOKE = new byte[0];

    private final byte[][] records;
    private final int[] participations;
    private final List<StoredRound> past = new ArrayList<>();
    private StoredTask task;
    private Instant now;

    FleetState(int devices, StoredTask task, Instant now) {
        records = new byte[devices][];
        Arrays.fill(records, NEVER_WOKE);
        participations = new int[devices];
        this.task = task;
        this.now = now;
    }

    int devices() {
        return records.length;
    }

    DeviceRecord record(int device) {
        return DeviceRecord.of(records[device]);
    }

    byte[] bytes(int device) {
        return records[device].clone();
    }

    void keep(int device, byte[] record) {
        records[device] = record;
    }

    void keep(int device, DeviceRecord record) {
        records[device] = record.toBytes();
    }

    int participations(int device) {
        return participations[device];
    }

    void participated(int device, int times) {
        participations[device] += times;
    }

    StoredTask task() {
        return task;
    }

    List<StoredRound> past() {
        return List.copyOf(past);
    }

    Instant now() {
        return now;
    }

    /** As a checkpoint has it. */
    void restore(List<StoredRound> rounds) {
        past.addAll(rounds);
    }

    /** After a round. */
    void goOn(StoredTask next, StoredRound round, Instant then) {
        task = next;
        past.add(round);
        now = then;
    }
}
