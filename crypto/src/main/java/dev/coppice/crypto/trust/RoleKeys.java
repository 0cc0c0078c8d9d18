package dev.coppice.crypto.trust;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.crypto.signing.SignatureAlgorithm;
import dev.coppice.crypto.signing.VerifyingKey;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Who signs for a role: holders of two keys each, and how many of them it takes. Clients of others count Ed25519
 * signatures. This one asks for the same number of ML-DSA-65 signatures besides, so that nobody who breaks one algorithm
 * alone can sign. The ML-DSA-65 keys stand in a field that others ignore: were they in the list of the role's keys, a client
 * that knows both algorithms would count one holder twice.
 *
 * @param ed25519 all different
 * @param mlDsa65 all different
 * @param threshold 1 or more; where it is above the number of keys of either kind, nobody can sign
 */
public record RoleKeys(List<VerifyingKey> ed25519, List<VerifyingKey> mlDsa65, int threshold) {
    /** The member of root metadata and of delegations that has a list of ML-DSA-65 keys for each role. */
    static final String EXTENSION = "x-coppice-ml-dsa-65";

    private static final int KEYS_MAX = 32;

    public RoleKeys {
        ed25519 = List.copyOf(ed25519);
        mlDsa65 = List.copyOf(mlDsa65);
        if (Set.copyOf(ed25519).size() != ed25519.size() || Set.copyOf(mlDsa65).size() != mlDsa65.size()) {
            throw new IllegalArgumentException("a key is listed twice");
        }
        if (threshold < 1) {
            throw new IllegalArgumentException("a threshold is 1 or more");
        }
    }

    /** Keys of these holders. */
    public static RoleKeys of(List<HolderKeys> holders, int threshold) {
        return new RoleKeys(
                holders.stream().map(HolderKeys::ed25519).toList(),
                holders.stream().map(HolderKeys::mlDsa65).toList(),
                threshold);
    }

    /** The same role with one holder in another's place. */
    public RoleKeys replacing(HolderKeys old, HolderKeys fresh) {
        if (!has(old)) {
            throw new IllegalArgumentException("this role has no such holder");
        }
        return new RoleKeys(
                replaced(ed25519, old.ed25519(), fresh.ed25519()),
                replaced(mlDsa65, old.mlDsa65(), fresh.mlDsa65()),
                threshold);
    }

    /** Whether both keys of a holder are the role's. */
    public boolean has(HolderKeys holder) {
        return ed25519.contains(holder.ed25519()) && mlDsa65.contains(holder.mlDsa65());
    }

    /** Whether these keys, each of which is known to have signed, suffice. */
    boolean isMetBy(Set<VerifyingKey> signers) {
        return ed25519.stream().filter(signers::contains).count() >= threshold
                && mlDsa65.stream().filter(signers::contains).count() >= threshold;
    }

    /** Adds this role to objects of keys, of one role, and of the extension. */
    void write(String name, ObjectNode keys, ObjectNode role, ObjectNode extension) {
        ArrayNode ids = role.putArray("keyids");
        for (VerifyingKey key : ed25519) {
            ids.add(TufKeys.id(key));
            keys.set(TufKeys.id(key), TufKeys.write(key));
        }
        role.put("threshold", threshold);
        ArrayNode list = extension.putArray(name);
        mlDsa65.forEach(key -> list.add(TufKeys.write(key)));
    }

    /** Reads a role back. {@code holder} has the member of keys and the extension. */
    static RoleKeys read(String name, JsonNode holder, JsonNode role) throws MetadataRefusedException.Malformed {
        JsonNode keys = Fields.object(holder, "keys");
        Set<VerifyingKey> classical = new LinkedHashSet<>();
        for (JsonNode id : Fields.array(role, "keyids", KEYS_MAX)) {
            JsonNode object = keys.path(id.asText());
            Fields.require(object.isObject(), "a key of " + name + " is missing");
            var key = TufKeys.read(object);
            if (key.isPresent() && key.get().algorithm() == SignatureAlgorithm.ED25519) {
                Fields.require(TufKeys.id(key.get()).equals(id.asText()), "a key goes by another's identifier");
                Fields.require(classical.add(key.get()), "a key is listed twice");
            }
        }
        Set<VerifyingKey> lattice = new LinkedHashSet<>();
        if (holder.has(EXTENSION)) {
            JsonNode extension = Fields.object(holder, EXTENSION);
            if (extension.has(name)) {
                for (JsonNode object : Fields.array(extension, name, KEYS_MAX)) {
                    var key = TufKeys.read(object);
                    boolean known = key.isPresent() && key.get().algorithm() == SignatureAlgorithm.ML_DSA_65;
                    Fields.require(known && lattice.add(key.get()), "a key of " + EXTENSION + " is none, or twice");
                }
            }
        }
        int threshold = (int) Math.min(KEYS_MAX + 1L, Fields.number(role, "threshold", 1));
        return new RoleKeys(List.copyOf(classical), List.copyOf(lattice), threshold);
    }

    private static List<VerifyingKey> replaced(List<VerifyingKey> keys, VerifyingKey old, VerifyingKey fresh) {
        return keys.stream().map(key -> key.equals(old) ? fresh : key).toList();
    }
}
