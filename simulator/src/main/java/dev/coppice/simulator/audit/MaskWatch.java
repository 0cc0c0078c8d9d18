package dev.coppice.simulator.audit;

import dev.coppice.crypto.privacy.audit.Uniformity;
import java.util.ArrayList;
import java.util.List;

/**
 * Looks at every masked input: by itself, with those of some other devices of its round, and with what came from its place
 * in the round before.
 */
final class MaskWatch {
    /** Each device is compared with so many others: all pairs of a large cohort would take longer than the rounds. */
    private static final int OTHERS = 8;

    private double leastPValue = 1;
    private long tests;
    private List<int[]> before = new ArrayList<>();

    void look(Seen round) {
        Uniformity uniformity = new Uniformity(round.plan().encoding().bits());
        List<int[]> inputs = round.inputs();
        for (int i = 0; i < inputs.size(); i++) {
            count(uniformity.alone(inputs.get(i)));
            for (int j = i + 1; j < Math.min(inputs.size(), i + 1 + OTHERS); j++) {
                count(uniformity.together(inputs.get(i), inputs.get(j)));
            }
            if (i < before.size()) {
                count(uniformity.together(inputs.get(i), before.get(i)));
            }
        }
        before = inputs;
    }

    private void count(double pValue) {
        leastPValue = Math.min(leastPValue, pValue);
        tests++;
    }

    long tests() {
        return tests;
    }

    /** The probability that one of so many uniform inputs looks as odd as the oddest did: at most this. */
    double pValue() {
        return Math.min(1, tests * leastPValue);
    }
}
