package dev.coppice.simulator.fleet;

import dev.coppice.adapters.AdapterWeights;
import java.util.List;

/**
 * What came of a run. Equal for equal settings and material, to the bit, whatever the number of workers.
 *
 * @param base how the model does without an adapter trained
 * @param rounds in order
 * @param adapter after the last round
 * @param participations of each device, in the devices' order
 */
public record FleetResult(Judged base, List<RoundRecord> rounds, AdapterWeights adapter, List<Integer> participations) {
    public FleetResult {
        rounds = List.copyOf(rounds);
        participations = List.copyOf(participations);
    }

    /** Accuracy and loss (nats) on held-out texts. */
    public record Judged(double accuracy, double loss) {}

    /** The last candidate that was judged; the base if none was. */
    public Judged last() {
        return rounds.reversed().stream()
                .filter(round -> !Double.isNaN(round.loss()))
                .map(round -> new Judged(round.accuracy(), round.loss()))
                .findFirst()
                .orElse(base);
    }
}
