package dev.coppice.crypto.signing;

import com.google.protobuf.ByteString;
import dev.coppice.protocol.release.KeySignature;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How many of which keys must have signed. A key counts once, however often it signed; keys that are not listed and
 * signatures that do not hold never count. Immutable.
 *
 * <p>A threshold over keys of several algorithms holds only as long as the weakest: an attacker who breaks one of them
 * signs with all of its keys. {@link #requiring} therefore asks for a number of signatures of one algorithm besides.
 */
public final class KeyThreshold {
    private final Map<ByteString, VerifyingKey> byId;
    private final int threshold;
    private final Map<SignatureAlgorithm, Integer> least;

    private KeyThreshold(Map<ByteString, VerifyingKey> byId, int threshold, Map<SignatureAlgorithm, Integer> least) {
        this.byId = byId;
        this.threshold = threshold;
        this.least = least;
    }

    /**
     * So many of these keys, whichever.
     *
     * @param keys all different
     * @param threshold 1 to their number
     */
    public static KeyThreshold of(List<? extends VerifyingKey> keys, int threshold) {
        Map<ByteString, VerifyingKey> byId = new HashMap<>();
        keys.forEach(key -> byId.put(ByteString.copyFrom(key.keyId()), key));
        if (byId.size() != keys.size()) {
            throw new IllegalArgumentException("A key is listed twice");
        }
        if (threshold < 1 || threshold > keys.size()) {
            throw new IllegalArgumentException(threshold + " of " + keys.size() + " keys cannot sign");
        }
        return new KeyThreshold(byId, threshold, Map.of());
    }

    /** The same, and at least {@code count} of the signatures are by keys of {@code algorithm}, of which there are enough. */
    public KeyThreshold requiring(SignatureAlgorithm algorithm, int count) {
        long listed = byId.values().stream()
                .filter(key -> key.algorithm() == algorithm)
                .count();
        if (count < 1 || count > listed) {
            throw new IllegalArgumentException(count + " of " + listed + " keys of " + algorithm + " cannot sign");
        }
        Map<SignatureAlgorithm, Integer> more = new EnumMap<>(SignatureAlgorithm.class);
        more.putAll(least);
        more.put(algorithm, count);
        return new KeyThreshold(byId, threshold, more);
    }

    /** Whether {@code signatures} suffice for {@code message}. */
    public boolean isMet(Purpose purpose, byte[] message, List<KeySignature> signatures) {
        Set<VerifyingKey> signers = new HashSet<>();
        for (KeySignature signature : signatures) {
            find(signature.getKeyId())
                    .filter(key -> !signers.contains(key)) // or a flood of repetitions would cost a verification each
                    .filter(key -> key.verifies(
                            purpose, message, signature.getSignature().toByteArray()))
                    .ifPresent(signers::add);
        }
        return isMetBy(signers);
    }

    /** Whether these keys suffice, each of which is known to have signed. */
    public boolean isMetBy(Collection<? extends VerifyingKey> signers) {
        Set<VerifyingKey> counted = new HashSet<>(signers);
        counted.retainAll(new HashSet<>(byId.values()));
        return counted.size() >= threshold
                && least.entrySet().stream()
                        .allMatch(entry -> counted.stream()
                                        .filter(key -> key.algorithm() == entry.getKey())
                                        .count()
                                >= entry.getValue());
    }

    private Optional<VerifyingKey> find(ByteString id) {
        return Optional.ofNullable(byId.get(id));
    }
}
