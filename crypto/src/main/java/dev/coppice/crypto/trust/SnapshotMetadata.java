package dev.coppice.crypto.trust;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Which versions of the targets' metadata belong together (TUF specification, section 4.4).
 *
 * @param version counts up
 * @param expires to the second
 * @param meta of {@code targets} and each delegated role, by the role's name
 */
public record SnapshotMetadata(long version, Instant expires, Map<String, Announced> meta) {
    private static final int ROLES_MAX = 4096;
    private static final String SUFFIX = ".json";

    public SnapshotMetadata {
        expires = expires.truncatedTo(ChronoUnit.SECONDS);
        meta = Collections.unmodifiableMap(new TreeMap<>(meta));
    }

    /** What it says of a role. */
    public Optional<Announced> find(String role) {
        return Optional.ofNullable(meta.get(role));
    }

    /** To be signed. */
    public SignedFile draft() {
        ObjectNode signed = MetadataJson.object();
        signed.put("_type", Role.SNAPSHOT.key());
        signed.put("expires", expires.toString());
        ObjectNode list = signed.putObject("meta");
        meta.forEach((role, announced) -> announced.write(list.putObject(role + SUFFIX)));
        signed.put("spec_version", RootMetadata.SPECIFICATION);
        signed.put("version", version);
        return SignedFile.unsigned(signed);
    }

    /** Reads what a file says; whether to believe it is another question. */
    public static SnapshotMetadata read(SignedFile file) throws MetadataRefusedException.Malformed {
        JsonNode signed = file.signed();
        Fields.header(signed, Role.SNAPSHOT.key());
        JsonNode list = Fields.object(signed, "meta");
        Fields.require(list.size() <= ROLES_MAX, "a snapshot has at most " + ROLES_MAX + " roles");
        Map<String, Announced> meta = new TreeMap<>();
        for (Map.Entry<String, JsonNode> entry : list.properties()) {
            String name = entry.getKey();
            Fields.require(name.endsWith(SUFFIX), "a role's file ends in .json");
            meta.put(name.substring(0, name.length() - SUFFIX.length()), Announced.read(entry.getValue()));
        }
        return new SnapshotMetadata(Fields.number(signed, "version", 1), Fields.expires(signed), meta);
    }
}
