package dev.coppice.agent.store;

import dev.coppice.adapters.text.Example;
import dev.coppice.crypto.privacy.PrivacyLedger.Charge;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/**
 * A process that adds examples, charges rounds and notes releases until it is killed, and says each number on its output once the
 * store has acknowledged it. Begins where the stores end.
 */
final class KilledWriter {
    private KilledWriter() {}

    public static void main(String[] args) throws Exception {
        Path home = Path.of(args[0]);
        try (HomeLock lock = HomeLock.take(home);
                ExampleStore examples = ExampleStore.open(home.resolve("examples"));
                Ledger ledger = Ledger.open(home.resolve("ledger"), 1e-8);
                Releases releases = Releases.open(home.resolve("releases"))) {
            System.out.println("open");
            while (lock != null) {
                int number = examples.count();
                examples.add(List.of(example(number)));
                System.out.println("example " + number);
                int round = ledger.participations();
                ledger.charge("round-" + round, new Charge(1000), Instant.EPOCH, Double.POSITIVE_INFINITY);
                System.out.println("round " + round);
                if (!releases.contains("round-" + round)) {
                    releases.remember("round-" + round);
                }
                System.out.println("released " + round);
            }
        }
    }

    static Example example(int number) {
        return new Example("text " + number + " ".repeat(number * 37 % 1000) + ".", "label");
    }
}
