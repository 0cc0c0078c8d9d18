package dev.coppice.crypto.masking;

import dev.coppice.crypto.internal.Agreement;
import dev.coppice.crypto.internal.MaskStream;
import dev.coppice.crypto.masking.Fault.Kind;
import java.security.InvalidKeyException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

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
    private final List<Integer> missing = new ArrayList<>();

    SumRecovery(Cohort cohort, SurvivorSets survivors, RevealedShares shares) {
        this.cohort = cohort;
        this.survivors = survivors;
        this.shares = shares;
        this.recovery = new SecretRecovery(cohort.parameters().threshold());
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
            byte[] publicKey = member.maskingKey();
            found = recovery.find(shares.of(owner), key -> Arrays.equals(publicKey, Agreement.publicKey(key)));
        }
        if (found.inconsistent()) {
            faults.add(new Fault(owner, owner, Kind.SHARES_INCONSISTENT));
        }
        return found.secret();
    }

    private void takePairMasks(int dropped, byte[] secret) {
        for (int neighbour : cohort.neighbours(dropped)) {
            if (survivors.masked().get(neighbour)) {
                byte[] key = pairMaskKey(secret, dropped, neighbour);
                if (neighbour < dropped) {
                    stream.subtract(key, masks);
                } else {
                    stream.add(key, masks);
                }
            }
        }
    }

    private byte[] pairMaskKey(byte[] secret, int dropped, int neighbour) {
        try {
            return cohort.context()
                    .pairMaskKey(secret, dropped, cohort.member(neighbour).maskingKey(), neighbour);
        } catch (InvalidKeyException unusable) {
            throw new IllegalStateException("Advertisements with unusable keys are refused before", unusable);
        }
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

    /** Devices of whose secret too few good shares came in. */
    List<Integer> missing() {
        return missing;
    }
}
