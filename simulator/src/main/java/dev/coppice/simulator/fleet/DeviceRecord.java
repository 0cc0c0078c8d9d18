package dev.coppice.simulator.fleet;

import dev.coppice.agent.store.Frames;
import dev.coppice.agent.store.RecordLog;
import dev.coppice.agent.store.State;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * All that a device remembers while it sleeps: the records of its ledger, the rounds in which it gave away shares, and the
 * factors that it keeps to itself. Use on one thread.
 */
final class DeviceRecord {
    private static final int PARTS = 3;

    private final List<byte[]> ledger;
    private final List<byte[]> releases;
    private Optional<byte[]> factors;

    private DeviceRecord(List<byte[]> ledger, List<byte[]> releases, Optional<byte[]> factors) {
        this.ledger = ledger;
        this.releases = releases;
        this.factors = factors;
    }

    /** @param bytes of {@link #toBytes}; none for a device that never woke */
    static DeviceRecord of(byte[] bytes) {
        try {
            if (bytes.length == 0) {
                return new DeviceRecord(new ArrayList<>(), new ArrayList<>(), Optional.empty());
            }
            List<byte[]> parts = Frames.split(bytes);
            if (parts.size() != PARTS) {
                throw new IllegalArgumentException("a device's record has " + parts.size() + " parts");
            }
            byte[] own = parts.get(2);
            return new DeviceRecord(
                    new ArrayList<>(Frames.split(parts.get(0))),
                    new ArrayList<>(Frames.split(parts.get(1))),
                    own.length == 0 ? Optional.empty() : Optional.of(own));
        } catch (Frames.MalformedException e) {
            throw new IllegalArgumentException("a device's record is damaged: " + e.what(), e);
        }
    }

    byte[] toBytes() {
        return Frames.join(List.of(Frames.join(ledger), Frames.join(releases), factors.orElse(new byte[0])));
    }

    List<byte[]> ledger() {
        return List.copyOf(ledger);
    }

    List<byte[]> releases() {
        return List.copyOf(releases);
    }

    RecordLog ledgerLog() {
        return new Log(ledger);
    }

    RecordLog releasesLog() {
        return new Log(releases);
    }

    State factors() {
        return new State() {
            @Override
            public Optional<byte[]> read() {
                return factors;
            }

            @Override
            public void write(byte[] content) {
                factors = Optional.of(content);
            }

            @Override
            public void delete() {
                factors = Optional.empty();
            }
        };
    }

    private record Log(List<byte[]> kept) implements RecordLog {
        @Override
        public void append(List<byte[]> records) throws IOException {
            kept.addAll(records);
        }

        @Override
        public void close() {}
    }
}
