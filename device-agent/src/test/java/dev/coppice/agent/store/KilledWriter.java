package dev.coppice.agent.store;

import dev.coppice.adapters.text.Example;
import dev.coppice.crypto.privacy.PeriodBudget;
import dev.coppice.crypto.privacy.PrivacyLedger.Charge;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * A process that adds examples, charges rounds and notes releases until it is killed, and says each number on its output once the
 * store has acknowledged it. Begins where the stores end.
 */
final class KilledWriter {
    private static final PeriodBudget NO_LIMIT =
            new PeriodBudget(Double.POSITIVE_INFINITY, 1e-8, Long.MAX_VALUE, Duration.ofDays(90));

    private KilledWriter() {}

    public static void main(String[] args) throws Exception {
        Path home = Path.of(args[0]);
        try (HomeLock lock = HomeLock.take(home);
                ExampleStore examples = ExampleStore.open(home.resolve("examples"), TestKeys.STORAGE);
                Ledger ledger = Ledger.open(home, TestKeys.STORAGE);
                Releases releases = Releases.open(home.resolve("releases"), TestKeys.STORAGE)) {
            System.out.println("open");
            while (lock != null) {
                int number = examples.count();
                examples.add(List.of(new KeptExample(example(number), Instant.EPOCH, false)));
                System.out.println("example " + number);
                long round = ledger.ever().participations();
                ledger.charge(spending(round), NO_LIMIT, Instant.EPOCH);
                System.out.println("round " + round);
                if (!releases.contains("round-" + round)) {
                    releases.remember("round-" + round);
                }
                System.out.println("released " + round);
            }
        }
    }

    private static Spending spending(long round) {
        return new Spending("round-" + round, "skill", "device", new Charge(1000), Instant.EPOCH);
    }

    static Example example(int number) {
        return new Example("text " + number + " ".repeat(number * 37 % 1000) + ".", "label");
    }
}
