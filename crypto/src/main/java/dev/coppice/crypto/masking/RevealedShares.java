package dev.coppice.crypto.masking;

import dev.coppice.crypto.Sha256;
import dev.coppice.crypto.masking.Fault.Kind;
import dev.coppice.protocol.round.Complaint;
import dev.coppice.protocol.round.RevealedShare;
import dev.coppice.protocol.round.SealedShare;
import dev.coppice.protocol.round.Unmasking;
import java.util.ArrayList;
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

    /** @param unmaskings checked ones by the index of their sender */
    RevealedShares(Cohort cohort, SealedShares sealed, Map<Integer, Unmasking> unmaskings) {
        this.cohort = cohort;
        this.sealed = sealed;
        new TreeMap<>(unmaskings).forEach((holder, unmasking) -> {
            unmasking.getSharesList().forEach(share -> collect(holder, share));
            unmasking.getComplaintsList().forEach(complaint -> judge(holder, complaint));
        });
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
        return seal.open(key, share.getSealed().toByteArray(), associated)
                .filter(SharePair::isPair)
                .map(both -> Commitments.of(cohort.context(), owner, holder, both, key))
                .filter(actual -> java.util.Arrays.equals(actual, commitments))
                .isPresent();
    }

    /** The shares of one owner by their points. */
    Map<Integer, byte[]> of(int owner) {
        return byOwner.getOrDefault(owner, Map.of());
    }

    List<Fault> faults() {
        return faults;
    }
}
