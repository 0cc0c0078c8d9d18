package dev.coppice.crypto.masking;

import dev.coppice.crypto.RandomSource;
import dev.coppice.crypto.SecretBytes;
import dev.coppice.crypto.masking.RoundRefusedException.Rule;
import dev.coppice.crypto.masking.SeedKeys.Use;
import dev.coppice.protocol.round.Advertisement;
import java.security.InvalidKeyException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * What a device has agreed on with each neighbour: by its sealing keys, for one seal in each direction, and by its masking
 * keys, for the mask of the pair. Wiped on close. For one thread at a time.
 */
final class PairSecrets implements AutoCloseable {
    private final Neighbourhood neighbourhood;
    private final RoundContext context;
    private final int own;
    private final boolean hybrid;
    private final Reckoning reckoning;
    /** With this device's public keys. */
    private final Advertisement advertised;
    /** The private key of X25519 for masks. */
    private final SecretBytes masking;
    /** The private key of ML-KEM-768 for seals; of no bytes if it is not used. Seen by tests of what is wiped. */
    final SecretBytes sealingKem;

    private final Map<Integer, SecretBytes> agreed = new HashMap<>();
    private final Map<Integer, Encapsulation> seals = new HashMap<>();
    private final Map<Integer, Encapsulation> masks = new HashMap<>();

    private PairSecrets(
            DeviceRound round, Neighbourhood neighbourhood, DeviceSecrets secrets, Advertisement advertised) {
        this.neighbourhood = neighbourhood;
        this.context = neighbourhood.context();
        this.own = neighbourhood.ownIndex();
        this.hybrid = round.terms().hybrid();
        this.reckoning = round.peers().reckoning();
        this.advertised = advertised;
        byte[] termsHash = round.terms().hash();
        this.masking = derived(secrets.masking(), seed -> SeedKeys.exchangeKey(termsHash, Use.MASKING, seed));
        this.sealingKem = hybrid
                ? derived(secrets.sealing(), seed -> SeedKeys.kemKey(termsHash, Use.SEALING, seed))
                : SecretBytes.of(new byte[0]);
    }

    /** @param advertised by this device */
    static PairSecrets agree(
            DeviceRound round, Neighbourhood neighbourhood, DeviceSecrets secrets, Advertisement advertised)
            throws RoundRefusedException {
        byte[] termsHash = round.terms().hash();
        PairSecrets pairs = new PairSecrets(round, neighbourhood, secrets, advertised);
        try (SecretBytes sealing =
                derived(secrets.sealing(), seed -> SeedKeys.exchangeKey(termsHash, Use.SEALING, seed))) {
            byte[] own = advertised.getSealingKey().toByteArray();
            for (var neighbour : neighbourhood.members().entrySet()) {
                byte[] theirs = neighbour.getValue().sealingKey();
                pairs.agreed.put(
                        neighbour.getKey(), derived(sealing, mine -> pairs.reckoning.agree(mine, own, theirs)));
                if (pairs.hybrid) {
                    pairs.encapsulate(neighbour.getKey(), neighbour.getValue(), secrets.masking(), round.random());
                }
            }
            return pairs;
        } catch (InvalidKeyException unusable) {
            pairs.close();
            throw new RoundRefusedException(Rule.ADVERTISEMENT, "an unusable sealing key");
        }
    }

    private void encapsulate(int index, VerifiedMember member, SecretBytes maskingSeed, RandomSource random)
            throws InvalidKeyException {
        byte[] fresh = random.bytes(Encapsulation.SEED_BYTES);
        seals.put(index, Encapsulation.to(member.sealingKemKey(), fresh));
        Arrays.fill(fresh, (byte) 0);
        if (own < index) {
            byte[] seed = maskingSeed.use(bytes -> context.maskSeed(bytes, own, index));
            masks.put(index, Encapsulation.to(member.maskingKemKey(), seed));
            Arrays.fill(seed, (byte) 0);
        }
    }

    private static <E extends Exception> SecretBytes derived(SecretBytes from, SecretBytes.Action<byte[], E> action)
            throws E {
        byte[] secret = from.use(action);
        SecretBytes guarded = SecretBytes.of(secret);
        Arrays.fill(secret, (byte) 0);
        return guarded;
    }

    /** The key of what this device seals to a neighbour. The caller wipes it. */
    byte[] keyTo(int neighbour) {
        Encapsulation encapsulated = sealTo(neighbour);
        return secret(neighbour).use(bytes -> context.sealKey(bytes, encapsulated, own, neighbour));
    }

    /** What carries a part of that key to the neighbour; empty in rounds of X25519 alone. */
    Encapsulation sealTo(int neighbour) {
        return hybrid ? found(seals, neighbour) : Encapsulation.none();
    }

    /**
     * The key of what a neighbour seals to this device. The caller wipes it.
     *
     * @param ciphertext that came with what is sealed
     * @throws InvalidKeyException if it has another length than it must
     */
    byte[] keyFrom(int neighbour, byte[] ciphertext) throws InvalidKeyException {
        if (!hybrid && ciphertext.length > 0) {
            throw new InvalidKeyException("A ciphertext in a round of X25519 alone");
        }
        try (Encapsulation encapsulated =
                hybrid ? sealingKem.use(key -> Encapsulation.received(ciphertext, key)) : Encapsulation.none()) {
            return secret(neighbour).use(bytes -> context.sealKey(bytes, encapsulated, neighbour, own));
        }
    }

    /** What carries a part of the key of the mask to a higher neighbour; empty to a lower one, or where there is none. */
    Encapsulation maskTo(int neighbour) {
        return hybrid && own < neighbour ? found(masks, neighbour) : Encapsulation.none();
    }

    /**
     * Takes the seed by which a lower neighbour encapsulated to this device.
     *
     * @return the ciphertext that it gives
     */
    byte[] acceptMaskSeed(int lower, byte[] seed) {
        try {
            Encapsulation encapsulated =
                    Encapsulation.to(advertised.getMaskingKemKey().toByteArray(), seed);
            masks.put(lower, encapsulated);
            return encapsulated.ciphertext();
        } catch (InvalidKeyException own) {
            throw new IllegalStateException("This device's own key is not usable", own);
        }
    }

    /**
     * The key of the mask that this device shares with a neighbour. The caller wipes it.
     *
     * @throws InvalidKeyException if the neighbour's masking key is of small order
     */
    byte[] maskKey(int neighbour) throws InvalidKeyException {
        VerifiedMember member = found(neighbourhood.members(), neighbour);
        Encapsulation encapsulated = hybrid ? found(masks, neighbour) : Encapsulation.none();
        byte[] ownKey = advertised.getMaskingKey().toByteArray();
        byte[] shared = masking.use(mine -> reckoning.agree(mine, ownKey, member.maskingKey()));
        byte[] key = context.pairMaskKey(shared, encapsulated, own, neighbour);
        Arrays.fill(shared, (byte) 0);
        return key;
    }

    private SecretBytes secret(int neighbour) {
        return found(agreed, neighbour);
    }

    private static <T> T found(Map<Integer, T> byNeighbour, int neighbour) {
        return Objects.requireNonNull(byNeighbour.get(neighbour), "not a neighbour, or without a mask");
    }

    @Override
    public void close() {
        masking.close();
        sealingKem.close();
        agreed.values().forEach(SecretBytes::close);
        seals.values().forEach(Encapsulation::close);
        masks.values().forEach(Encapsulation::close);
    }
}
