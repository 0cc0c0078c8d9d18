package dev.coppice.aggregator.round;

import dev.coppice.aggregator.store.StoredRound;
import dev.coppice.crypto.RandomSource;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/** The rounds that one device may join now, and why it may not join others. */
final class Choices {
    private static final int DRAWN_BYTES = 16; // so that no remainder is likelier than another, to 2^-100

    /** Rounds of one task, ascending by number. */
    private record Choice(SortedMap<Integer, StoredRound> rounds, int weight) {}

    private final Map<String, Choice> tasks = new LinkedHashMap<>();

    /** Whether there is a round that the device has no budget left for. */
    boolean spent;

    /** When there is a round that the device may join by then, but not before. */
    Optional<Instant> rested = Optional.empty();

    /** @param weight of the round's task */
    void add(StoredRound round, int weight) {
        tasks.computeIfAbsent(round.taskId(), id -> new Choice(new TreeMap<>(), weight))
                .rounds()
                .put(round.number(), round);
    }

    void later(Instant when) {
        rested = rested.filter(when::isAfter).or(() -> Optional.of(when));
    }

    /**
     * Draws tasks, each as likely as its weight says, until a round of one takes the device: of those that overlap the first. So
     * a device that asks again is offered what it was offered before.
     *
     * @param takes whether a round does
     */
    Optional<StoredRound> draw(RandomSource random, Predicate<StoredRound> takes) {
        List<Choice> left = new ArrayList<>(tasks.values());
        while (!left.isEmpty()) {
            Choice drawn = left.size() == 1 ? left.getFirst() : drawn(left, random);
            Optional<StoredRound> taken =
                    drawn.rounds().values().stream().filter(takes).findFirst();
            if (taken.isPresent()) {
                return taken;
            }
            left.remove(drawn);
        }
        return Optional.empty();
    }

    private static Choice drawn(List<Choice> choices, RandomSource random) {
        int weights = choices.stream().mapToInt(Choice::weight).sum();
        int at = new BigInteger(1, random.bytes(DRAWN_BYTES))
                .mod(BigInteger.valueOf(weights))
                .intValue();
        for (Choice choice : choices) {
            at -= choice.weight();
            if (at < 0) {
                return choice;
            }
        }
        throw new IllegalStateException("A number below the sum of the weights is within one of them");
    }
}
