package dev.coppice.crypto.masking;

import dev.coppice.crypto.Sha256;
import dev.coppice.crypto.masking.Fault.Kind;
import dev.coppice.protocol.round.Complaint;
import dev.coppice.protocol.round.RevealedShare;
import dev.coppice.protocol.round.SealedShare;
import dev.coppice.protocol.round.Unmasking;
import java.security.InvalidKeyException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The shares that came in and are what their owners committed to, and who is to blame for the others. */
final class RevealedShares {
    private final Cohort cohort;
    private final SealedShares sealed;
    private final ShareSeal seal = new ShareSeal();
    private final Map<Integer, Map<Integer, byte[]>> byOwner = new TreeMap<>();
    private final List<Fault> faults = new ArrayList<>();

    /**
     * Of one group.
     *
     * @param unmaskings checked ones by the index of their sender, those of other groups too
     */
    RevealedShares(Cohort cohort, Ring ring, SealedShares sealed, Map<Integer, Unmasking> unmaskings) {
        this.cohort = cohort;
        this.sealed = sealed;
        for (int holder : ring.ascending()) {
            Unmasking unmasking = unmaskings.getOrDefault(holder, Unmasking.getDefaultInstance());
            unmasking.getSharesList().forEach(share -> collect(holder, share));
            unmasking.getComplaintsList().forEach(complaint -> judge(holder, complaint));
        }
    }

    private void collect(int holder, RevealedShare revealed) {
        int owner = revealed.getOwner();
        byte[] share = revealed.getShare().toByteArray();
        boolean fits = sealed.find(owner, holder)
                .filter(committed -> Commitments.fit(
                        cohort.context(),
                        owner,
                        holder,
                        revealed.getSecret(),
                        share,
                        committed.getCommitments().toByteArray()))
                .isPresent();
        if (fits) {
            byOwner.computeIfAbsent(owner, any -> new TreeMap<>()).put(Neighbourhood.point(holder), share);
        } else {
            faults.add(new Fault(holder, owner, Kind.WRONG_SHARE_RELEASED));
        }
    }

    /** A complaint with another key than the committed one proves nothing against either. */
    private void judge(int holder, Complaint complaint) {
        int owner = complaint.getOwner();
        byte[] key = complaint.getKey().toByteArray();
        Optional<SealedShare> share = sealed.find(owner, holder);
        if (share.isEmpty()) {
            return;
        }
        byte[] commitments = share.get().getCommitments().toByteArray();
        if (Commitments.fitKey(cohort.context(), owner, holder, key, commitments)) {
            boolean good = isAsCommitted(owner, holder, key, share.get());
            faults.add(
                    good
                            ? new Fault(holder, owner, Kind.FALSE_COMPLAINT)
                            : new Fault(owner, holder, Kind.WRONG_SHARE_SEALED));
        }
    }

    private boolean isAsCommitted(int owner, int holder, byte[] key, SealedShare share) {
        byte[] commitments = share.getCommitments().toByteArray();
        byte[] associated = RoundContext.sealAssociated(owner, holder, Sha256.hash(commitments));
        ShareForm form = ShareForm.of(cohort.terms(), owner, holder);
        return seal.open(key, share.getSealed().toByteArray(), associated)
                .filter(form::isWhole)
                .map(plain -> Commitments.of(
                        cohort.context(), owner, holder, plain, key, maskCiphertext(form, holder, plain)))
                .filter(actual -> Arrays.equals(actual, commitments))
                .isPresent();
    }

    /** What the sealed seed gives, as its holder saw it. */
    private byte[] maskCiphertext(ShareForm form, int holder, byte[] plain) {
        if (!form.carriesSeed()) {
            return new byte[0];
        }
        try (Encapsulation encapsulated =
                Encapsulation.to(cohort.member(holder).maskingKemKey(), ShareForm.seed(plain))) {
            return encapsulated.ciphertext();
        } catch (InvalidKeyException unusable) {
            throw new IllegalStateException("Advertisements with unusable keys are refused before", unusable);
        }
    }

    /** The ciphertext by which the lower of two devices that shared encapsulated to the higher. */
    byte[] maskCiphertext(int lower, int higher) {
        return sealed.find(lower, higher).orElseThrow().getMaskCiphertext().toByteArray();
    }

    /** The shares of one owner by their points. */
    Map<Integer, byte[]> of(int owner) {
        return byOwner.getOrDefault(owner, Map.of());
    }

    List<Fault> faults() {
        return faults;
    }
}
