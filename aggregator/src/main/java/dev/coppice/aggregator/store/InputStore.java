package dev.coppice.aggregator.store;

import com.google.protobuf.ByteString;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is known here of masked inputs that are in an {@link InputLog}, and their sums. Every method is one transaction. For
 * any number of threads and processes.
 */
public interface InputStore {
    /**
     * The sum of a group's inputs.
     *
     * @param group from 0
     * @param devices that are in it
     * @param values one little-endian int of 4 bytes each
     */
    record InputSum(int group, int devices, int bits, ByteString values) {}

    /**
     * Inputs of a round by device, with the SHA-256 of each.
     *
     * @param at when they were taken, in whole milliseconds
     * @param noiseMultiplier of the round; 0 if it had no noise
     */
    record TakenInputs(String roundId, Map<String, String> sha256ByDevice, Instant at, double noiseMultiplier) {
        public TakenInputs {
            sha256ByDevice = Map.copyOf(sha256ByDevice);
        }
    }

    /** SHA-256 of the input that was taken from a device; also after the round. */
    Optional<String> findInput(String roundId, String deviceId);

    /**
     * Records that inputs were taken: counts the devices and enters the round in their accounts. Of a device that is
     * recorded already nothing changes, and nothing at all unless the round is MASKING or COLLECTING.
     */
    void recordInputs(TakenInputs inputs);

    /**
     * Records which inputs count, and their sums, while the round collects them.
     *
     * @param all of the inputs that count
     * @return false, with nothing changed, if the round collects none, or one that was recorded is not among them
     */
    boolean putSums(TakenInputs all, List<InputSum> sums);

    /** The sums of a round's groups; none once it is over. */
    List<InputSum> sums(String roundId);
}
