package dev.coppice.crypto.masking;

import com.google.protobuf.ByteString;
import dev.coppice.crypto.Sha256;
import dev.coppice.protocol.round.DeliveredShare;
import dev.coppice.protocol.round.SealedShare;
import dev.coppice.protocol.round.ShareBundle;
import dev.coppice.protocol.round.ShareInbox;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** All shares that the devices of a cohort sealed, on the server. Immutable, safe for several threads. */
public final class SealedShares {
    private final Cohort cohort;
    private final Map<Integer, Map<Integer, SealedShare>> bySender = new HashMap<>();

    /** @param bundles checked ones of all devices that completed R1, by the index of their sender */
    public SealedShares(Cohort cohort, Map<Integer, ShareBundle> bundles) {
        this.cohort = cohort;
        bundles.forEach((sender, bundle) -> {
            Map<Integer, SealedShare> byRecipient = new HashMap<>();
            bundle.getSharesList().forEach(share -> byRecipient.put(share.getRecipient(), share));
            bySender.put(sender, byRecipient);
        });
    }

    /** The answer to R1 for one recipient. */
    public ShareInbox inbox(int recipient) {
        ShareInbox.Builder inbox = ShareInbox.newBuilder();
        for (int sender : cohort.neighbours(recipient)) {
            find(sender, recipient).ifPresent(share -> inbox.addShares(delivered(sender, share)));
        }
        return inbox.build();
    }

    private static DeliveredShare delivered(int sender, SealedShare share) {
        byte[] commitments = share.getCommitments().toByteArray();
        return DeliveredShare.newBuilder()
                .setSender(sender)
                .setSealed(share.getSealed())
                .setSealCiphertext(share.getSealCiphertext())
                .setCommitmentsSha256(ByteString.copyFrom(Sha256.hash(commitments)))
                .build();
    }

    /** What {@code sender} sealed to {@code recipient}; empty if it sealed nothing to it. */
    Optional<SealedShare> find(int sender, int recipient) {
        return Optional.ofNullable(bySender.getOrDefault(sender, Map.of()).get(recipient));
    }
}
