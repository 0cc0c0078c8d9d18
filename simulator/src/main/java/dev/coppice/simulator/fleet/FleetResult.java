package dev.coppice.simulator.fleet;

import dev.coppice.adapters.AdapterWeights;
import java.util.List;

/**
 * What came of a run. Equal for equal settings and material, to the bit, whatever the number of workers.
 *
 * @param base how the model does without an adapter trained
 * @param rounds in order
 * @param adapter after the last round
 * @param participations of each device, in the devices' order: rounds with its update in the sum
 * @param gains of a sample of devices
 */
public record FleetResult(
        Judged base, List<RoundRecord> rounds, AdapterWeights adapter, List<Integer> participations, List<Gain> gains) {
    public FleetResult {
        rounds = List.copyOf(rounds);
        participations = List.copyOf(participations);
        gains = List.copyOf(gains);
    }

    /**
     * What a device has of it, on its own held-out texts.
     *
     * @param malicious whether it is one of the attackers
     */
    public record Gain(
            int device, String deviceClass, boolean malicious, int participations, Judged before, Judged after) {}

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
