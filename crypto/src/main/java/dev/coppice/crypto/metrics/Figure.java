package dev.coppice.crypto.metrics;

import dev.coppice.protocol.round.MetricsSubject;
import java.util.List;

/**
 * What a device tells in a round of metrics, each from 0 to 1. The order is that of the vector: none is moved or taken out. What
 * is told depends on what is asked about.
 */
public enum Figure {
    /** 1 if the device has tried the pack, or the candidate. */
    TRIED,
    /** 1 if it found it worse on its own examples, or went back from it since. */
    WENT_BACK,
    /** 1 if the app says that it crashed since. */
    CRASHED,
    /** 1 if it had examples of its own to judge by, none of which was trained on. */
    JUDGED,
    /** Share of those that were right with what the device used before. */
    RIGHT_BEFORE,
    /** Share that is right with it. */
    RIGHT_AFTER,

    /** 1 if the device has a personal adapter, and examples of its own to judge by, none of which was trained on. */
    PERSONAL_JUDGED,
    /** Share of those that are right with the pack alone. */
    PERSONAL_RIGHT_BEFORE,
    /** Share that is right with the personal adapter. */
    PERSONAL_RIGHT_AFTER,
    /** 1 if the personal adapter loses more than 10 points; one of these six is 1 where {@link #PERSONAL_JUDGED} is. */
    PERSONAL_LOSES_MUCH,
    /** 1 if it loses up to 10 points. */
    PERSONAL_LOSES,
    /** 1 if it changes nothing. */
    PERSONAL_EVEN,
    /** 1 if it gains up to 10 points. */
    PERSONAL_GAINS,
    /** 1 if it gains more than 10 points, up to 25. */
    PERSONAL_GAINS_MUCH,
    /** 1 if it gains more than 25 points. */
    PERSONAL_GAINS_MOST;

    /** Of a pack, or of a candidate. */
    public static final List<Figure> OF_PACKS = List.of(TRIED, WENT_BACK, CRASHED, JUDGED, RIGHT_BEFORE, RIGHT_AFTER);

    /** A histogram: cells of gains in accuracy, ascending. */
    public static final List<Figure> GAINS = List.of(
            PERSONAL_LOSES_MUCH,
            PERSONAL_LOSES,
            PERSONAL_EVEN,
            PERSONAL_GAINS,
            PERSONAL_GAINS_MUCH,
            PERSONAL_GAINS_MOST);

    /** Of personal adapters. */
    public static final List<Figure> OF_PERSONAL_ADAPTERS = List.of(
            PERSONAL_JUDGED,
            PERSONAL_RIGHT_BEFORE,
            PERSONAL_RIGHT_AFTER,
            PERSONAL_LOSES_MUCH,
            PERSONAL_LOSES,
            PERSONAL_EVEN,
            PERSONAL_GAINS,
            PERSONAL_GAINS_MUCH,
            PERSONAL_GAINS_MOST);

    private static final double SOME = 0.10;
    private static final double MUCH = 0.25;

    /**
     * What is told of a subject.
     *
     * @throws IllegalArgumentException if nobody knows it here
     */
    public static List<Figure> of(MetricsSubject subject) {
        return switch (subject) {
            case PACK -> OF_PACKS;
            case PERSONAL_ADAPTERS -> OF_PERSONAL_ADAPTERS;
            case UNRECOGNIZED -> throw new IllegalArgumentException("nobody knows here what is asked about");
        };
    }

    /** The cell of a gain in accuracy, from -1 to 1. */
    public static Figure ofGain(double gain) {
        if (gain < 0) {
            return gain < -SOME ? PERSONAL_LOSES_MUCH : PERSONAL_LOSES;
        }
        if (gain == 0) {
            return PERSONAL_EVEN;
        }
        return gain <= SOME ? PERSONAL_GAINS : gain <= MUCH ? PERSONAL_GAINS_MUCH : PERSONAL_GAINS_MOST;
    }
}
