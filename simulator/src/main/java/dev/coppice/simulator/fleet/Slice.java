package dev.coppice.simulator.fleet;

import com.google.protobuf.ByteString;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Some of the members of a round whose updates are summed in the clear: all that is needed to play their parts, beside the run's
 * settings and the fleet's material.
 *
 * @param terms as the aggregator signed them
 * @param candidate adapter that they start from
 */
record Slice(int round, ByteString terms, ByteString candidate, Instant opened, List<Seat> seats) {
    Slice {
        seats = List.copyOf(seats);
    }

    /**
     * One member.
     *
     * @param place in the cohort, from 0
     * @param group whose sum its update goes into, from 0
     * @param counted whether its update is in that sum
     * @param record that it remembers
     * @param crafted what it hands in if it is malicious
     */
    record Seat(
            int device,
            int place,
            int group,
            boolean counted,
            ByteString record,
            Optional<DeviceTurn.Trained> crafted) {}

    /** The same round for some of its seats. */
    Slice of(List<Seat> some) {
        return new Slice(round, terms, candidate, opened, some);
    }
}
