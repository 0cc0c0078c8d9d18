package dev.coppice.simulator.fleet;

import com.google.protobuf.ByteString;
import java.util.List;

/**
 * What came of a slice.
 *
 * @param sums of the updates that count
 */
record Portion(List<Turn> turns, Sums sums) {
    Portion {
        turns = List.copyOf(turns);
    }

    /** One member's part, and what it remembers from now on. */
    record Turn(int device, Tally.Part part, ByteString record) {}
}
