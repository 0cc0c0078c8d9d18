package dev.coppice.crypto.privacy;

/**
 * In which of a training's rounds one device may be: the sensitivity of noise that is shared between rounds rests on it, so
 * that who gives out rounds must keep it.
 *
 * @param rounds of the training, at least 1
 * @param times that a device is in a round at most, 1 to {@code rounds}
 * @param separation rounds from one of them to the next at least; 1 if they may follow each other
 */
public record Participation(int rounds, int times, int separation) {
    public Participation {
        if (rounds < 1 || times < 1 || times > rounds || separation < 1) {
            throw new IllegalArgumentException(
                    "Not possible: " + times + " times in " + rounds + " rounds, " + separation + " or more apart");
        }
        if ((times - 1L) * separation >= rounds) {
            throw new IllegalArgumentException(
                    times + " times, " + separation + " apart, do not fit into " + rounds + " rounds");
        }
    }

    /** Most times within {@code span} rounds in a row. */
    int timesWithin(int span) {
        return Math.min(times, (span - 1) / separation + 1);
    }
}
