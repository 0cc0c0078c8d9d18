package dev.coppice.crypto.trust;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Which files there are, and which other roles are trusted for some (TUF specification, section 4.5).
 *
 * @param version counts up
 * @param expires to the second
 * @param targets by path
 * @param delegations in the order in which they are asked
 */
public record TargetsMetadata(
        long version, Instant expires, Map<String, TargetFile> targets, List<Delegation> delegations) {
    private static final int TARGETS_MAX = 20_000;
    private static final int DELEGATIONS_MAX = 64;

    public TargetsMetadata {
        expires = expires.truncatedTo(ChronoUnit.SECONDS);
        SortedMap<String, TargetFile> sorted = new TreeMap<>(targets);
        targets = Collections.unmodifiableSortedMap(sorted);
        delegations = List.copyOf(delegations);
    }

    /** To be signed. */
    public SignedFile draft() {
        ObjectNode signed = MetadataJson.object();
        signed.put("_type", Role.TARGETS.key());
        if (!delegations.isEmpty()) {
            ObjectNode object = signed.putObject("delegations");
            ObjectNode keys = object.putObject("keys");
            ArrayNode roles = object.putArray("roles");
            ObjectNode extension = object.putObject(RoleKeys.EXTENSION);
            delegations.forEach(delegation -> delegation.write(keys, roles.addObject(), extension));
        }
        signed.put("expires", expires.toString());
        signed.put("spec_version", RootMetadata.SPECIFICATION);
        ObjectNode files = signed.putObject("targets");
        targets.values().forEach(file -> file.write(files));
        signed.put("version", version);
        return SignedFile.unsigned(signed);
    }

    /** Reads what a file says; whether to believe it is another question. */
    public static TargetsMetadata read(SignedFile file) throws MetadataRefusedException.Malformed {
        JsonNode signed = file.signed();
        Fields.header(signed, Role.TARGETS.key());
        JsonNode files = Fields.object(signed, "targets");
        Fields.require(files.size() <= TARGETS_MAX, "at most " + TARGETS_MAX + " targets");
        Map<String, TargetFile> targets = new TreeMap<>();
        for (Map.Entry<String, JsonNode> entry : files.properties()) {
            targets.put(entry.getKey(), TargetFile.read(entry.getKey(), entry.getValue()));
        }
        return new TargetsMetadata(
                Fields.number(signed, "version", 1), Fields.expires(signed), targets, delegations(signed));
    }

    private static List<Delegation> delegations(JsonNode signed) throws MetadataRefusedException.Malformed {
        List<Delegation> delegations = new ArrayList<>();
        if (signed.has("delegations")) {
            JsonNode object = Fields.object(signed, "delegations");
            Set<String> names = new HashSet<>();
            for (JsonNode role : Fields.array(object, "roles", DELEGATIONS_MAX)) {
                Delegation delegation = Delegation.read(object, role);
                Fields.require(names.add(delegation.role()), "a role is delegated to twice");
                delegations.add(delegation);
            }
        }
        return delegations;
    }
}
