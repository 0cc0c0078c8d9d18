package dev.coppice.crypto.masking;

import com.google.protobuf.ByteString;
import dev.coppice.crypto.masking.RoundRefusedException.Rule;
import dev.coppice.crypto.sealing.SealBrokenException;
import dev.coppice.crypto.sealing.SealingKey;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.protocol.round.RevealedShare;
import dev.coppice.protocol.round.RevealedShare.Secret;
import dev.coppice.protocol.round.SealedShare;
import dev.coppice.protocol.round.ShareInbox;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** The shares that a device holds of its neighbours' secrets, each given away once at most. */
final class HeldShares implements AutoCloseable {
    private final SortedMap<Integer, Optional<SharePair>> bySender = new TreeMap<>();

    private HeldShares() {}

    /**
     * Opens what neighbours sealed. A share that its sender did sign but that does not open harms only the sender: it is
     * kept as missing, for otherwise one bad device could drive all its neighbours out of the round.
     *
     * @throws RoundRefusedException if a share is not from a neighbour, not signed by it, or too few came
     */
    static HeldShares open(Neighbourhood neighbourhood, SealingKey key, ShareInbox inbox) throws RoundRefusedException {
        HeldShares held = new HeldShares();
        try {
            for (SealedShare share : inbox.getSharesList()) {
                requireGenuine(neighbourhood, share);
                if (held.bySender.put(share.getSender(), findOpened(neighbourhood, key, share)) != null) {
                    throw new RoundRefusedException(Rule.SHARE, "two from one sender");
                }
            }
            int threshold = neighbourhood.parameters().threshold();
            if (held.bySender.size() < threshold) {
                throw new RoundRefusedException(
                        Rule.TOO_FEW_SHARES, "%d where %d are due".formatted(held.bySender.size(), threshold));
            }
            return held;
        } catch (RoundRefusedException refused) {
            held.close();
            throw refused;
        }
    }

    private static void requireGenuine(Neighbourhood neighbourhood, SealedShare share) throws RoundRefusedException {
        VerifiedMember sender = neighbourhood.members().get(share.getSender());
        if (sender == null || share.getRecipient() != neighbourhood.ownIndex()) {
            throw new RoundRefusedException(Rule.SHARE, "not from a neighbour to this device");
        }
        byte[] sealed = share.getSealed().toByteArray();
        byte[] signed = neighbourhood.context().signedShare(share.getSender(), share.getRecipient(), sealed);
        byte[] signature = share.getSignature().toByteArray();
        if (!sender.credential().key().verifies(Purpose.SEALED_SHARE, signed, signature)) {
            throw new RoundRefusedException(Rule.SHARE, "not signed by its sender");
        }
    }

    private static Optional<SharePair> findOpened(Neighbourhood neighbourhood, SealingKey key, SealedShare share) {
        byte[] info = neighbourhood.context().sealingInfo();
        byte[] associated = RoundContext.sealingAssociated(share.getSender(), share.getRecipient());
        try {
            byte[] both = key.open(share.getSealed().toByteArray(), info, associated);
            Optional<SharePair> pair = SharePair.isPair(both) ? Optional.of(SharePair.of(both)) : Optional.empty();
            Arrays.fill(both, (byte) 0);
            return pair;
        } catch (SealBrokenException broken) {
            return Optional.empty();
        }
    }

    /** The neighbours that shared, with whom masks are agreed; ascending. */
    Set<Integer> senders() {
        return bySender.keySet();
    }

    /**
     * The share of one of the owner's secrets; empty if the owner sent none that opens.
     *
     * @throws IllegalStateException if a share of this owner was revealed before
     */
    Optional<RevealedShare> findRevealed(int owner, Secret secret) {
        Optional<SharePair> pair = bySender.getOrDefault(owner, Optional.empty());
        return pair.map(shares -> RevealedShare.newBuilder()
                .setOwner(owner)
                .setSecret(secret)
                .setShare(ByteString.copyFrom(shares.reveal(secret)))
                .build());
    }

    @Override
    public void close() {
        bySender.values().forEach(pair -> pair.ifPresent(SharePair::close));
    }
}
