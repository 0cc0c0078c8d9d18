package dev.coppice.crypto.trust;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.crypto.Sha256;
import dev.coppice.protocol.Identifiers;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** What one metadata file says of another: its version and, where they are given, its length and SHA-256. Immutable. */
public final class Announced {
    private final long version;
    private final @Nullable Long length;
    private final @Nullable String sha256;

    private Announced(long version, @Nullable Long length, @Nullable String sha256) {
        this.version = version;
        this.length = length;
        this.sha256 = sha256;
    }

    /** Announces a file in full. */
    public static Announced of(long version, byte[] file) {
        return new Announced(version, (long) file.length, Sha256.hex(file));
    }

    public long version() {
        return version;
    }

    OptionalLong length() {
        return length == null ? OptionalLong.empty() : OptionalLong.of(length);
    }

    Optional<String> sha256() {
        return Optional.ofNullable(sha256);
    }

    /** Whether a file has the length and hash that are announced, so far as they are. */
    void check(String name, byte[] file) throws MetadataRefusedException.Mismatched {
        if (length != null && length != file.length) {
            throw new MetadataRefusedException.Mismatched(name, "its length differs");
        }
        if (sha256 != null && !sha256.equals(Sha256.hex(file))) {
            throw new MetadataRefusedException.Mismatched(name, "its SHA-256 differs");
        }
    }

    void write(ObjectNode object) {
        if (sha256 != null) {
            object.putObject("hashes").put("sha256", sha256);
        }
        if (length != null) {
            object.put("length", length.longValue());
        }
        object.put("version", version);
    }

    static Announced read(JsonNode object) throws MetadataRefusedException.Malformed {
        Long length = object.has("length") ? Fields.number(object, "length", 1) : null;
        String sha256 = null;
        if (object.has("hashes")) {
            sha256 = Fields.text(Fields.object(object, "hashes"), "sha256");
            Fields.require(Identifiers.isSha256(sha256), "a hash is 64 hexadecimal digits");
        }
        return new Announced(Fields.number(object, "version", 1), length, sha256);
    }
}
