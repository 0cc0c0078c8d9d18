package dev.coppice.crypto.masking;

import dev.coppice.crypto.internal.Agreement;
import dev.coppice.crypto.internal.MaskStream;
import dev.coppice.protocol.round.RevealedShare;
import dev.coppice.protocol.round.Unmasking;
import java.security.InvalidKeyException;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** Takes the masks off a sum: each survivor's own, and those that survivors shared with devices that dropped out. */
final class SumRecovery {
    private final Cohort cohort;
    private final SurvivorSets survivors;
    private final Map<Integer, Map<Integer, byte[]>> sharesByOwner = new TreeMap<>();
    private final SecretRecovery recovery;
    private final MaskStream stream = new MaskStream();

    SumRecovery(Cohort cohort, SurvivorSets survivors, Map<Integer, Unmasking> unmaskings) {
        this.cohort = cohort;
        this.survivors = survivors;
        this.recovery = new SecretRecovery(cohort.parameters().threshold());
        unmaskings.forEach(this::collect);
    }

    private void collect(int sender, Unmasking unmasking) {
        for (RevealedShare share : unmasking.getSharesList()) {
            sharesByOwner
                    .computeIfAbsent(share.getOwner(), owner -> new TreeMap<>())
                    .put(Neighbourhood.point(sender), share.getShare().toByteArray());
        }
    }

    /** @param values the masked sum; overwritten with the result */
    int[] unmasked(int[] values) throws SharesMissingException {
        for (int owner : survivors.shared().stream().toArray()) {
            if (survivors.masked().get(owner)) {
                removeSelfMask(owner, values);
            } else {
                removePairMasks(owner, values);
            }
        }
        int unused = Integer.SIZE - cohort.terms().bits();
        for (int i = 0; i < values.length; i++) {
            values[i] = values[i] << unused >>> unused;
        }
        return values;
    }

    private void removeSelfMask(int owner, int[] values) throws SharesMissingException {
        byte[] check = cohort.member(owner).selfMaskCheck();
        byte[] termsHash = cohort.terms().hash();
        byte[] seed = recovery.secret(
                shares(owner), found -> Arrays.equals(check, RoundContext.selfMaskCheck(termsHash, found)));
        stream.subtract(cohort.context().selfMaskKey(seed, owner), values);
    }

    private void removePairMasks(int dropped, int[] values) throws SharesMissingException {
        byte[] publicKey = cohort.member(dropped).maskingKey();
        byte[] secret = recovery.secret(shares(dropped), found -> Arrays.equals(publicKey, Agreement.publicKey(found)));
        for (int neighbour : cohort.neighbours(dropped)) {
            if (survivors.masked().get(neighbour)) {
                byte[] key = pairMaskKey(secret, dropped, neighbour);
                if (neighbour < dropped) {
                    stream.subtract(key, values);
                } else {
                    stream.add(key, values);
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

    private Map<Integer, byte[]> shares(int owner) {
        return sharesByOwner.getOrDefault(owner, Map.of());
    }
}
