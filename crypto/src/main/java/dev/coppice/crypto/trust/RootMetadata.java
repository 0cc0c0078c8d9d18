package dev.coppice.crypto.trust;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * Which keys sign for which role (TUF specification, section 4.3).
 *
 * @param version counts up by one
 * @param expires to the second
 * @param roles all four
 */
public record RootMetadata(long version, Instant expires, Map<Role, RoleKeys> roles) {
    static final String SPECIFICATION = "1.0.31";

    public RootMetadata {
        expires = expires.truncatedTo(ChronoUnit.SECONDS);
        roles = Collections.unmodifiableMap(new EnumMap<>(roles));
        if (roles.size() != Role.values().length) {
            throw new IllegalArgumentException("a root knows all roles");
        }
    }

    /** The keys of a role. */
    public RoleKeys keys(Role role) {
        RoleKeys keys = roles.get(role);
        if (keys == null) {
            throw new AssertionError("checked when made");
        }
        return keys;
    }

    /** To be signed. */
    public SignedFile draft() {
        ObjectNode signed = MetadataJson.object();
        signed.put("_type", Role.ROOT.key());
        signed.put("consistent_snapshot", true);
        signed.put("expires", expires.toString());
        ObjectNode keys = signed.putObject("keys");
        ObjectNode list = signed.putObject("roles");
        signed.put("spec_version", SPECIFICATION);
        signed.put("version", version);
        ObjectNode extension = signed.putObject(RoleKeys.EXTENSION);
        roles.forEach((role, of) -> of.write(role.key(), keys, list.putObject(role.key()), extension));
        return SignedFile.unsigned(signed);
    }

    /** Reads what a file says; whether to believe it is another question. */
    static RootMetadata read(SignedFile file) throws MetadataRefusedException.Malformed {
        JsonNode signed = file.signed();
        Fields.header(signed, Role.ROOT.key());
        Fields.require(Fields.flag(signed, "consistent_snapshot"), "snapshots are consistent");
        JsonNode list = Fields.object(signed, "roles");
        Map<Role, RoleKeys> roles = new EnumMap<>(Role.class);
        for (Role role : Role.values()) {
            roles.put(role, RoleKeys.read(role.key(), signed, Fields.object(list, role.key())));
        }
        return new RootMetadata(Fields.number(signed, "version", 1), Fields.expires(signed), roles);
    }
}
