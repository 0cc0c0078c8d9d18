package dev.coppice.aggregator.store;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The metadata of the repository of skill packs, every version of it. For any number of threads and processes. */
public interface RepositoryStore {
    /**
     * One metadata file.
     *
     * @param version 1 or more, once for each role
     */
    record Metadata(String role, long version, ByteString file) {}

    /**
     * Adds files, all or none.
     *
     * @return false, with nothing changed, if one of these versions is there already
     */
    boolean addMetadata(List<Metadata> files);

    /** A certain version of a role's metadata. */
    Optional<ByteString> findMetadata(String role, long version);

    /**
     * Adds an entry to the transparency log, once for all time.
     *
     * @param position how many there were before
     * @return false, with nothing changed, if there is one at this position
     */
    boolean addLogEntry(long position, String entry);

    /** The entries of the transparency log from a position on, in order. */
    List<String> logEntries(long from);

    /**
     * How packs of a skill move out.
     *
     * @param sequence rises by one with each change
     */
    record StoredRollouts(long sequence, String json) {}

    /** The rollouts of a skill. */
    Optional<StoredRollouts> findRollouts(String skill);

    /**
     * Replaces the rollouts of a skill.
     *
     * @param seen their sequence; 0 if there were none
     * @return false, with nothing changed, if they have another one by now
     */
    boolean replaceRollouts(String skill, long seen, StoredRollouts next);

    /** The skills that have rollouts. */
    List<String> rolloutSkills();

    /** The highest version of each role's metadata, by role: of one moment. */
    Map<String, ByteString> latestMetadata();
}
