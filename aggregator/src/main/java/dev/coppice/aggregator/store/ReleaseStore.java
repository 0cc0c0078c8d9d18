package dev.coppice.aggregator.store;

import com.google.protobuf.ByteString;
import java.util.Optional;

/** The signed releases that devices are offered. For any number of threads and processes. */
public interface ReleaseStore {
    /**
     * Offers a release from now on.
     *
     * @param version rises with each release of a skill
     * @return false, with nothing changed, if this or a later version was offered before
     */
    boolean publish(String skill, long version, ByteString signedRelease);

    /** The latest release of a skill. */
    Optional<ByteString> findRelease(String skill);
}
