package dev.coppice.crypto.masking;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.coppice.crypto.Sha256;
import dev.coppice.crypto.internal.Agreement;
import dev.coppice.crypto.internal.BitPacking;
import dev.coppice.crypto.internal.MaskStream;
import dev.coppice.crypto.internal.MlKem;
import dev.coppice.crypto.masking.SeedKeys.Use;
import dev.coppice.protocol.round.KeyAgreement;
import dev.coppice.protocol.round.SealedShare;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Who recorded all of a round, the server itself, and years later has all private keys of one of the two kinds, and of none
 * of the other. It knows self masks, as the server does of all that are in the sum.
 */
class HybridSecrecyTest {
    private static final int VALUES = 1 << 15;
    private static final int CONSTANT = 12_345;
    private static final int DEVICES = 6;
    /** It has neighbours below and above. */
    private static final int VICTIM = 3;
    /** Tells the server all that it knows. */
    private static final int CORRUPT = 5;

    private final RoundWorld world =
            new RoundWorld(71, DEVICES, RoundWorld.terms(VALUES, 0, 0, KeyAgreement.X25519_MLKEM768));
    private final byte[] hash = world.terms.hash();
    private final List<byte[]> sealing = new ArrayList<>();
    private final List<byte[]> masking = new ArrayList<>();
    private byte[] selfMask = new byte[0];
    private int[] masked = new int[0];

    /** One encapsulation, by {@code from} to {@code to}. */
    private record Sent(Use use, int from, int to, ByteString ciphertext) {}

    private interface Guess {
        Encapsulation of(Sent sent) throws Exception;
    }

    private interface Agreed {
        byte[] of(Sent sent) throws Exception;
    }

    @BeforeEach
    void record() throws Exception {
        world.advertise();
        for (int i = 0; i < DEVICES; i++) {
            sealing.add(world.advertised(i).secrets.sealing().use(byte[]::clone));
            masking.add(world.advertised(i).secrets.masking().use(byte[]::clone));
        }
        selfMask = world.advertised(VICTIM).secrets.selfMask().use(byte[]::clone);
        world.share();
        int[] input = new int[VALUES];
        Arrays.fill(input, CONSTANT);
        byte[] packed = world.shared(VICTIM)
                .mask(world.inbox(VICTIM), input)
                .message()
                .getPacked()
                .toByteArray();
        masked = new int[VALUES];
        BitPacking.addTo(masked, packed, 20);
    }

    /** All that the attacks below lack is in here, so that they fail for this reason. */
    @Test
    void whoBreaksBothSeesTheInputAndOpensTheShares() throws Exception {
        assertThat(unmasked(this::agreed, this::right)).containsOnly(CONSTANT);
        assertThat(opened(this::agreed, this::right)).isEqualTo(DEVICES * (DEVICES - 1));
    }

    @Test
    void whoBreaksX25519SeesNoiseAndOpensNothing() throws Exception {
        for (Guess guess : guesses()) {
            assertNoise(unmasked(this::agreed, guess));
            assertThat(opened(this::agreed, guess)).isZero();
        }
    }

    @Test
    void whoBreaksMlKemSeesNoiseAndOpensNothing() throws Exception {
        List<Agreed> guesses = List.of(
                sent -> new byte[0],
                sent -> new byte[Agreement.KEY_BYTES],
                sent -> exchangePublic(sent.use(), seed(sent, sent.to())),
                // that the private keys begin with the same bytes; d is the first half of the seed of ML-KEM
                sent -> Agreement.agree(
                        Arrays.copyOf(SeedKeys.kemSeed(hash, sent.use(), seed(sent, sent.to())), Agreement.KEY_BYTES),
                        exchangePublic(sent.use(), seed(sent, sent.from()))));
        for (Agreed guess : guesses) {
            assertNoise(unmasked(guess, this::right));
            assertThat(opened(guess, this::right)).isZero();
        }
    }

    /** Defence: the fresh seed in {@link PairSecrets}: who is sent an encapsulation learns what decided on it. */
    @Test
    void everySealIsEncapsulatedByRandomnessOfItsOwn() throws Exception {
        List<byte[]> drawn = new ArrayList<>();
        Advertised again = MaskingClient.advertise(
                world.terms,
                world.members.get(VICTIM),
                Peers.of(world.authority.verifyingKey()),
                RoundWorld.NOW,
                bytes -> {
                    world.random.fill(bytes);
                    drawn.add(bytes.clone());
                });
        world.advertised.put(VICTIM, again);
        world.close(world.advertisements());
        drawn.clear();
        Set<ByteString> used = new HashSet<>();
        for (SealedShare share :
                again.share(world.cohort().roster(VICTIM)).message().getSharesList()) {
            byte[] theirs = kemPublic(new Sent(Use.SEALING, VICTIM, share.getRecipient(), ByteString.EMPTY));
            used.addAll(seedsThatGive(theirs, share.getSealCiphertext().toByteArray(), drawn));
        }
        assertThat(used).hasSize(DEVICES - 1);
    }

    private static List<ByteString> seedsThatGive(byte[] publicKey, byte[] ciphertext, List<byte[]> drawn)
            throws Exception {
        List<ByteString> seeds = new ArrayList<>();
        for (byte[] seed : drawn) {
            if (seed.length == Encapsulation.SEED_BYTES
                    && Arrays.equals(Encapsulation.to(publicKey, seed).ciphertext(), ciphertext)) {
                seeds.add(ByteString.copyFrom(seed));
            }
        }
        return seeds;
    }

    private List<Guess> guesses() {
        return List.of(
                sent -> Encapsulation.none(),
                sent -> new Encapsulation(sent.ciphertext().toByteArray(), new byte[0]),
                sent -> new Encapsulation(sent.ciphertext().toByteArray(), new byte[MlKem.SHARED_BYTES]),
                // that a private key of X25519 is the seed of all
                sent -> Encapsulation.received(
                        sent.ciphertext().toByteArray(),
                        SeedKeys.kemKey(hash, sent.use(), exchangeKey(sent.use(), seed(sent, sent.to())))),
                sent -> Encapsulation.to(
                        kemPublic(sent),
                        maskSeed(exchangeKey(sent.use(), seed(sent, sent.from())), sent.from(), sent.to())),
                // that the private keys begin with the same bytes, or decide on the encapsulation
                sent -> Encapsulation.received(
                        sent.ciphertext().toByteArray(),
                        MlKem.fastest()
                                .expand(Arrays.copyOf(
                                        exchangeKey(sent.use(), seed(sent, sent.to())), MlKem.SEED_BYTES))),
                sent -> Encapsulation.to(kemPublic(sent), exchangeKey(sent.use(), seed(sent, sent.from()))),
                // that what a corrupt neighbour was told fits other pairs
                sent -> Encapsulation.to(kemPublic(sent), maskSeed(seed(sent, sent.from()), sent.from(), CORRUPT)));
    }

    /** What is left of the victim's masked input once all masks are off of which the attacker thinks it has the keys. */
    private int[] unmasked(Agreed agreed, Guess guess) throws Exception {
        RoundContext context = world.cohort().context();
        MaskStream stream = new MaskStream();
        int[] values = masked.clone();
        stream.subtract(context.selfMaskKey(selfMask, VICTIM), values);
        for (int other = 0; other < DEVICES; other++) {
            if (other != VICTIM) {
                int lower = Math.min(VICTIM, other);
                int higher = Math.max(VICTIM, other);
                ByteString ciphertext = share(lower, higher).getMaskCiphertext();
                Sent sent = new Sent(Use.MASKING, lower, higher, ciphertext);
                boolean told = other == CORRUPT;
                byte[] key = context.pairMaskKey(
                        told ? agreed(sent) : agreed.of(sent), told ? right(sent) : guess.of(sent), lower, higher);
                if (VICTIM < other) {
                    stream.subtract(key, values);
                } else {
                    stream.add(key, values);
                }
            }
        }
        return Arrays.stream(values).map(value -> value & (1 << 20) - 1).toArray();
    }

    /** How many sealed shares open. */
    private int opened(Agreed agreed, Guess guess) throws Exception {
        RoundContext context = world.cohort().context();
        int opened = 0;
        for (int from = 0; from < DEVICES; from++) {
            for (SealedShare share : world.shared(from).message().getSharesList()) {
                int to = share.getRecipient();
                Sent sent = new Sent(Use.SEALING, from, to, share.getSealCiphertext());
                byte[] key = context.sealKey(agreed.of(sent), guess.of(sent), from, to);
                byte[] commitments = share.getCommitments().toByteArray();
                byte[] associated = RoundContext.sealAssociated(from, to, Sha256.hash(commitments));
                Optional<byte[]> plain =
                        new ShareSeal().open(key, share.getSealed().toByteArray(), associated);
                opened += plain.isPresent() ? 1 : 0;
            }
        }
        return opened;
    }

    private SealedShare share(int from, int to) {
        return world.shared(from).message().getSharesList().stream()
                .filter(share -> share.getRecipient() == to)
                .findFirst()
                .orElseThrow();
    }

    private byte[] seed(Sent sent, int device) {
        return (sent.use() == Use.MASKING ? masking : sealing).get(device);
    }

    private byte[] agreed(Sent sent) throws Exception {
        return Agreement.agree(
                exchangeKey(sent.use(), seed(sent, sent.to())), exchangePublic(sent.use(), seed(sent, sent.from())));
    }

    private Encapsulation right(Sent sent) throws Exception {
        return Encapsulation.received(
                sent.ciphertext().toByteArray(), SeedKeys.kemKey(hash, sent.use(), seed(sent, sent.to())));
    }

    private byte[] exchangeKey(Use use, byte[] seed) {
        return SeedKeys.exchangeKey(hash, use, seed);
    }

    private byte[] exchangePublic(Use use, byte[] seed) {
        return SeedKeys.exchangePublic(hash, use, seed);
    }

    private byte[] kemPublic(Sent sent) {
        return SeedKeys.kemPublic(hash, sent.use(), seed(sent, sent.to()));
    }

    private byte[] maskSeed(byte[] seed, int lower, int higher) {
        return world.cohort().context().maskSeed(seed, lower, higher);
    }

    /** 255 degrees of freedom: mean 255, deviation 22.6. Beyond 7 deviations either way it is not chance. */
    private static void assertNoise(int[] values) {
        for (int shift : new int[] {0, 6, 12}) {
            int[] counts = new int[256];
            for (int value : values) {
                counts[(value >>> shift) & 255]++;
            }
            double expected = VALUES / 256.0;
            double statistic = Arrays.stream(counts)
                    .mapToDouble(count -> (count - expected) * (count - expected) / expected)
                    .sum();
            assertThat(statistic).as("bits from %d", shift).isBetween(97.0, 413.0);
        }
    }
}
