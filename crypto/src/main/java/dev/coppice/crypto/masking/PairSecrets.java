package dev.coppice.crypto.masking;

import dev.coppice.crypto.SecretBytes;
import dev.coppice.crypto.internal.Agreement;
import dev.coppice.crypto.masking.RoundRefusedException.Rule;
import java.security.InvalidKeyException;
import java.util.Arrays;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/** What a device has agreed on with each neighbour by their sealing keys. Wiped on close. */
final class PairSecrets implements AutoCloseable {
    private final RoundContext context;
    private final int own;
    private final SortedMap<Integer, SecretBytes> agreed = new TreeMap<>();

    private PairSecrets(RoundContext context, int own) {
        this.context = context;
        this.own = own;
    }

    /** @param sealing the device's private sealing key, which is not needed after */
    static PairSecrets agree(Neighbourhood neighbourhood, SecretBytes sealing) throws RoundRefusedException {
        PairSecrets pairs = new PairSecrets(neighbourhood.context(), neighbourhood.ownIndex());
        try {
            for (var neighbour : neighbourhood.members().entrySet()) {
                byte[] theirs = neighbour.getValue().sealingKey();
                byte[] secret = sealing.use(mine -> Agreement.agree(mine, theirs));
                pairs.agreed.put(neighbour.getKey(), SecretBytes.of(secret));
                Arrays.fill(secret, (byte) 0);
            }
            return pairs;
        } catch (InvalidKeyException unusable) {
            pairs.close();
            throw new RoundRefusedException(Rule.ADVERTISEMENT, "an unusable sealing key");
        }
    }

    /** The key of what this device seals to a neighbour. The caller wipes it. */
    byte[] keyTo(int neighbour) {
        return secret(neighbour).use(bytes -> context.sealKey(bytes, own, neighbour));
    }

    /** The key of what a neighbour seals to this device. The caller wipes it. */
    byte[] keyFrom(int neighbour) {
        return secret(neighbour).use(bytes -> context.sealKey(bytes, neighbour, own));
    }

    private SecretBytes secret(int neighbour) {
        return Objects.requireNonNull(agreed.get(neighbour), "not a neighbour");
    }

    @Override
    public void close() {
        agreed.values().forEach(SecretBytes::close);
    }
}
