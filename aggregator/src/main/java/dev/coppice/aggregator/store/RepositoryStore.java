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

    /** The highest version of each role's metadata, by role: of one moment. */
    Map<String, ByteString> latestMetadata();
}
