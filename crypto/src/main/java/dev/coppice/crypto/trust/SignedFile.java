package dev.coppice.crypto.trust;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.crypto.signing.SignatureAlgorithm;
import dev.coppice.crypto.signing.SigningKey;
import dev.coppice.crypto.signing.VerifyingKey;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A metadata file: what is signed, and signatures, of which nothing is known yet. Signatures of both algorithms stand in
 * one list, as each names its key. Ed25519 signs the canonical form; ML-DSA-65 signs, as in TAP 21, four bytes and the
 * SHA-512 of it. Immutable.
 */
public final class SignedFile {
    private static final int SIGNATURES_MAX = 64;
    private static final int SIGNATURE_TEXT_MAX = 2 * 3309;
    /** "tuf" and 1: what TAP 21 puts before the hash. */
    private static final byte[] DOMAIN = {0x74, 0x75, 0x66, 0x01};

    private final JsonNode signed;
    private final byte[] canonical;
    private final Map<String, byte[]> signatures;

    private SignedFile(JsonNode signed, byte[] canonical, Map<String, byte[]> signatures) {
        this.signed = signed;
        this.canonical = canonical;
        this.signatures = signatures;
    }

    /** Metadata that nobody has signed yet. */
    static SignedFile unsigned(ObjectNode signed) {
        try {
            return new SignedFile(signed, MetadataJson.canonical(signed), Map.of());
        } catch (MetadataRefusedException.Malformed e) {
            throw new IllegalArgumentException("this cannot be signed: " + e.getMessage(), e);
        }
    }

    /**
     * Reads a file.
     *
     * @throws MetadataRefusedException.Malformed if it is none
     */
    public static SignedFile parse(byte[] bytes) throws MetadataRefusedException.Malformed {
        JsonNode file = MetadataJson.parse(bytes);
        JsonNode signed = Fields.object(file, "signed");
        Map<String, byte[]> signatures = new HashMap<>();
        for (JsonNode entry : Fields.array(file, "signatures", SIGNATURES_MAX)) {
            String hex = Fields.text(entry, "sig");
            Fields.require(hex.length() <= SIGNATURE_TEXT_MAX, "a signature is too long");
            try {
                boolean first = signatures.put(
                                Fields.text(entry, "keyid"), HexFormat.of().parseHex(hex))
                        == null;
                Fields.require(first, "a key signed twice");
            } catch (IllegalArgumentException e) {
                throw new MetadataRefusedException.Malformed("a signature is no hexadecimal number");
            }
        }
        return new SignedFile(signed, MetadataJson.canonical(signed), signatures);
    }

    /** The same with both signatures of one more holder, or new ones of the same. */
    public SignedFile signedBy(Signatory signatory) {
        Map<String, byte[]> more = new HashMap<>(signatures);
        for (SigningKey key : List.of(signatory.ed25519(), signatory.mlDsa65())) {
            byte[] message = message(key.verifyingKey().algorithm());
            more.put(TufKeys.id(key.verifyingKey()), key.signWithoutPurpose(message));
        }
        return new SignedFile(signed, canonical, more);
    }

    /** Whether enough of these keys have signed. */
    public boolean isSignedBy(RoleKeys keys) {
        return keys.isMetBy(signers(keys));
    }

    /** Whether both keys of a holder have signed. */
    public boolean isSignedBy(HolderKeys holder) {
        return isSignedBy(RoleKeys.of(List.of(holder), 1));
    }

    /** The type that it claims to have: root, timestamp, snapshot or targets. */
    public String unverifiedType() {
        return signed.path("_type").asText();
    }

    /** The version that it claims to have; 0 if none. */
    public long unverifiedVersion() {
        return signed.path("version").asLong();
    }

    JsonNode signed() {
        return signed;
    }

    /** The file; equal metadata with equal signatures gives equal bytes. */
    public byte[] toBytes() {
        ObjectNode file = MetadataJson.object();
        ArrayNode list = file.putArray("signatures");
        signatures.keySet().stream()
                .sorted()
                .forEach(id -> list.addObject()
                        .put("keyid", id)
                        .put("sig", HexFormat.of().formatHex(signatures.getOrDefault(id, new byte[0]))));
        file.set("signed", signed);
        return MetadataJson.file(file);
    }

    private Set<VerifyingKey> signers(RoleKeys keys) {
        List<VerifyingKey> all = new ArrayList<>(keys.ed25519());
        all.addAll(keys.mlDsa65());
        Set<VerifyingKey> signers = new HashSet<>();
        for (VerifyingKey key : all) {
            byte[] signature = signatures.getOrDefault(TufKeys.id(key), new byte[0]);
            if (key.verifiesWithoutPurpose(message(key.algorithm()), signature)) {
                signers.add(key);
            }
        }
        return signers;
    }

    private byte[] message(SignatureAlgorithm algorithm) {
        return switch (algorithm) {
            case ED25519 -> canonical;
            case ML_DSA_65 -> {
                byte[] hash = sha512(canonical);
                byte[] message = new byte[DOMAIN.length + hash.length];
                System.arraycopy(DOMAIN, 0, message, 0, DOMAIN.length);
                System.arraycopy(hash, 0, message, DOMAIN.length, hash.length);
                yield message;
            }
        };
    }

    private static byte[] sha512(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-512").digest(bytes);
        } catch (NoSuchAlgorithmException everyPlatformHasIt) {
            throw new AssertionError(everyPlatformHasIt);
        }
    }
}
