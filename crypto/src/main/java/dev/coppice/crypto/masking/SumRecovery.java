package dev.coppice.crypto.masking;

import dev.coppice.crypto.internal.Agreement;
import dev.coppice.crypto.internal.MaskStream;
import dev.coppice.crypto.masking.Fault.Kind;
import dev.coppice.crypto.masking.SeedKeys.Use;
import java.security.InvalidKeyException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Takes masks off a sum, for some of the devices that shared: each survivor's own, and those that survivors shared with
 * devices that dropped out. What it takes off adds up with what others of its kind do. For one thread.
 */
final class SumRecovery {
    private final Cohort cohort;
    private final SurvivorSets survivors;
    private final RevealedShares shares;
    private final SecretRecovery recovery;
    private final MaskStream stream = new MaskStream();
    private final int[] masks;
    private final List<Fault> faults = new ArrayList<>();
    private final Set<Integer> missing = new TreeSet<>();

    SumRecovery(Cohort cohort, Ring ring, SurvivorSets survivors, RevealedShares shares) {
        this.cohort = cohort;
        this.survivors = survivors;
        this.shares = shares;
        this.recovery = new SecretRecovery(ring.parameters().threshold());
        this.masks = new int[cohort.terms().paddedDimension()];
    }

    /** Takes the masks of one device that shared. */
    void take(int owner) {
        Optional<byte[]> secret = findSecret(owner);
        if (secret.isEmpty()) {
            missing.add(owner);
        } else if (survivors.masked().get(owner)) {
            stream.subtract(cohort.context().selfMaskKey(secret.get(), owner), masks);
        } else {
            takePairMasks(owner, secret.get());
        }
    }

    private Optional<byte[]> findSecret(int owner) {
        VerifiedMember member = cohort.member(owner);
        SecretRecovery.Found found;
        if (survivors.masked().get(owner)) {
            byte[] check = member.selfMaskCheck();
            byte[] termsHash = cohort.terms().hash();
            found = recovery.find(
                    shares.of(owner), seed -> Arrays.equals(check, RoundContext.selfMaskCheck(termsHash, seed)));
        } else {
            found = recovery.find(shares.of(owner), seed -> gives(seed, member));
        }
        if (found.inconsistent()) {
            faults.add(new Fault(owner, owner, Kind.SHARES_INCONSISTENT));
        }
        return found.secret();
    }

    /** Whether a seed gives the masking keys that a device advertised. */
    private boolean gives(byte[] seed, VerifiedMember member) {
        byte[] hash = cohort.terms().hash();
        return Arrays.equals(member.maskingKey(), SeedKeys.exchangePublic(hash, Use.MASKING, seed))
                && (!cohort.terms().hybrid()
                        || Arrays.equals(member.maskingKemKey(), SeedKeys.kemPublic(hash, Use.MASKING, seed)));
    }

    private void takePairMasks(int dropped, byte[] seed) {
        byte[] hash = cohort.terms().hash();
        byte[] exchangeKey = SeedKeys.exchangeKey(hash, Use.MASKING, seed);
        byte[] kemKey = cohort.terms().hybrid() ? SeedKeys.kemKey(hash, Use.MASKING, seed) : new byte[0];
        for (int neighbour : cohort.neighbours(dropped)) {
            if (survivors.masked().get(neighbour)) {
                byte[] key = pairMaskKey(exchangeKey, kemKey, seed, dropped, neighbour);
                if (neighbour < dropped) {
                    stream.subtract(key, masks);
                } else {
                    stream.add(key, masks);
                }
            }
        }
    }

    private byte[] pairMaskKey(byte[] exchangeKey, byte[] kemKey, byte[] seed, int dropped, int neighbour) {
        VerifiedMember member = cohort.member(neighbour);
        try (Encapsulation encapsulated = encapsulation(kemKey, seed, dropped, neighbour, member)) {
            byte[] agreed = Agreement.agree(exchangeKey, member.maskingKey());
            return cohort.context().pairMaskKey(agreed, encapsulated, dropped, neighbour);
        } catch (InvalidKeyException unusable) {
            throw new IllegalStateException("Advertisements with unusable keys are refused before", unusable);
        }
    }

    /** What the lower of two devices encapsulated to the other: made again if it dropped out, or received in the other's place. */
    private Encapsulation encapsulation(byte[] kemKey, byte[] seed, int dropped, int neighbour, VerifiedMember member)
            throws InvalidKeyException {
        if (!cohort.terms().hybrid()) {
            return Encapsulation.none();
        }
        if (neighbour < dropped) {
            return Encapsulation.received(shares.maskCiphertext(neighbour, dropped), kemKey);
        }
        byte[] maskSeed = cohort.context().maskSeed(seed, dropped, neighbour);
        Encapsulation again = Encapsulation.to(member.maskingKemKey(), maskSeed);
        if (!Arrays.equals(again.ciphertext(), shares.maskCiphertext(dropped, neighbour))) {
            faults.add(new Fault(dropped, neighbour, Kind.WRONG_ENCAPSULATION));
            missing.add(dropped);
        }
        return again;
    }

    /** Adds what was taken, negative, to a sum. */
    void addTo(int[] sum) {
        for (int i = 0; i < sum.length; i++) {
            sum[i] += masks[i];
        }
    }

    List<Fault> faults() {
        return faults;
    }

    /** Devices of whose secret too few good shares came in, or whose masks cannot be told from it. */
    Set<Integer> missing() {
        return missing;
    }
}
