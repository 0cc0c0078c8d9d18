package dev.coppice.agent.store;

import dev.coppice.adapters.text.Example;
import dev.coppice.crypto.privacy.PeriodBudget;
import dev.coppice.crypto.privacy.PrivacyLedger.Charge;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

/**
 * A process that adds examples, replaces a state of 300 kB, charges rounds and notes releases until it is killed, and says
 * each number on its output once the store has acknowledged it. Now and then it deletes the older half of the examples.
 * Begins where the stores end.
 */
final class KilledWriter {
    private static final PeriodBudget NO_LIMIT =
            new PeriodBudget(Double.POSITIVE_INFINITY, 1e-8, Long.MAX_VALUE, Duration.ofDays(90));

    static final int EXAMPLES_MAX = 64;

    private KilledWriter() {}

    public static void main(String[] args) throws Exception {
        Path home = Path.of(args[0]);
        try (HomeLock lock = HomeLock.take(home);
                ExampleStore examples = ExampleStore.open(home.resolve("examples"), TestKeys.STORAGE);
                Ledger ledger = Ledger.open(home, TestKeys.STORAGE);
                Releases releases = Releases.open(home.resolve("releases"), TestKeys.STORAGE)) {
            StateFile state = new StateFile(home.resolve("personal"), 1 << 20, TestKeys.STORAGE);
            System.out.println("open");
            while (lock != null) {
                int number = next(examples);
                examples.add(List.of(new KeptExample(example(number), Instant.EPOCH, false)));
                System.out.println("example " + number);
                examples.expire(Instant.EPOCH, Duration.ofDays(1), EXAMPLES_MAX);
                state.write(state(number));
                System.out.println("state " + number);
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

    /** Number of the example that comes after the last one. */
    static int next(ExampleStore examples) {
        List<KeptExample> all = examples.all();
        return all.isEmpty() ? 0 : number(all.get(all.size() - 1).example()) + 1;
    }

    static int number(Example example) {
        return Integer.parseInt(example.text().replaceAll("[^0-9]", ""));
    }

    /** So long that a kill often hits it: its number, and bytes that go with it. */
    static byte[] state(int number) {
        byte[] state = new byte[300_000];
        Arrays.fill(state, (byte) number);
        ByteBuffer.wrap(state).putInt(number);
        return state;
    }

    private static Spending spending(long round) {
        return new Spending("round-" + round, "skill", "device", new Charge(1000), Instant.EPOCH);
    }

    static Example example(int number) {
        return new Example("text " + number + " ".repeat(number * 37 % 1000) + ".", "label");
    }
}
