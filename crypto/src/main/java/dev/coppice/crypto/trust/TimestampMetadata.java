package dev.coppice.crypto.trust;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * Which snapshot is the latest (TUF specification, section 4.6).
 *
 * @param version counts up
 * @param expires to the second
 */
public record TimestampMetadata(long version, Instant expires, Announced snapshot) {
    private static final String SNAPSHOT_FILE = "snapshot.json";

    public TimestampMetadata {
        expires = expires.truncatedTo(ChronoUnit.SECONDS);
    }

    /** To be signed. */
    public SignedFile draft() {
        ObjectNode signed = MetadataJson.object();
        signed.put("_type", Role.TIMESTAMP.key());
        signed.put("expires", expires.toString());
        snapshot.write(signed.putObject("meta").putObject(SNAPSHOT_FILE));
        signed.put("spec_version", RootMetadata.SPECIFICATION);
        signed.put("version", version);
        return SignedFile.unsigned(signed);
    }

    /** Reads what a file says; whether to believe it is another question. */
    public static TimestampMetadata read(SignedFile file) throws MetadataRefusedException.Malformed {
        JsonNode signed = file.signed();
        Fields.header(signed, Role.TIMESTAMP.key());
        JsonNode meta = Fields.object(signed, "meta");
        return new TimestampMetadata(
                Fields.number(signed, "version", 1),
                Fields.expires(signed),
                Announced.read(Fields.object(meta, SNAPSHOT_FILE)));
    }
}
