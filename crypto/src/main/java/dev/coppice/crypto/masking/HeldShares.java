package dev.coppice.crypto.masking;

import com.google.protobuf.ByteString;
import dev.coppice.crypto.Sha256;
import dev.coppice.crypto.masking.RoundRefusedException.Rule;
import dev.coppice.protocol.round.Complaint;
import dev.coppice.protocol.round.DeliveredShare;
import dev.coppice.protocol.round.RevealedShare;
import dev.coppice.protocol.round.RevealedShare.Secret;
import dev.coppice.protocol.round.ShareInbox;
import java.security.InvalidKeyException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** The shares that a device holds of its neighbours' secrets, each given away once at most. */
final class HeldShares implements AutoCloseable {
    private final VerifiedTerms terms;
    private final Neighbourhood neighbourhood;
    private final SortedMap<Integer, Optional<SharePair>> bySender = new TreeMap<>();
    private final List<Complaint> complaints = new ArrayList<>();

    private HeldShares(VerifiedTerms terms, Neighbourhood neighbourhood) {
        this.terms = terms;
        this.neighbourhood = neighbourhood;
    }

    /**
     * Opens what neighbours sealed. A share that does not open harms only its sender: it is kept as missing, for otherwise
     * one bad device could drive all its neighbours out of the round. One that opens, and is not what its sender committed
     * to, is a reason to complain. But what carries the seed of a mask must open: without it there is no hybrid mask, and
     * with one by X25519 alone, or none, a server that breaks seals would take the masks off its victim.
     *
     * @throws RoundRefusedException if a share is not from a neighbour, brings no seed where it must, or too few came
     */
    static HeldShares open(VerifiedTerms terms, Neighbourhood neighbourhood, PairSecrets pairs, ShareInbox inbox)
            throws RoundRefusedException {
        HeldShares held = new HeldShares(terms, neighbourhood);
        try {
            ShareSeal seal = new ShareSeal();
            for (DeliveredShare share : inbox.getSharesList()) {
                held.add(seal, pairs, share);
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

    private void add(ShareSeal seal, PairSecrets pairs, DeliveredShare share) throws RoundRefusedException {
        int sender = share.getSender();
        if (!neighbourhood.members().containsKey(sender)) {
            throw new RoundRefusedException(Rule.SHARE, "not from a neighbour");
        }
        if (bySender.containsKey(sender)) {
            throw new RoundRefusedException(Rule.SHARE, "two from one sender");
        }
        byte[] key = key(pairs, share);
        try {
            add(seal, pairs, share, key);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    private void add(ShareSeal seal, PairSecrets pairs, DeliveredShare share, byte[] key) throws RoundRefusedException {
        int sender = share.getSender();
        ShareForm form = ShareForm.of(terms, sender, neighbourhood.ownIndex());
        byte[] commitmentsHash = share.getCommitmentsSha256().toByteArray();
        byte[] associated = RoundContext.sealAssociated(sender, neighbourhood.ownIndex(), commitmentsHash);
        Optional<byte[]> opened = seal.open(key, share.getSealed().toByteArray(), associated);
        byte[] maskCiphertext = form.carriesSeed() ? acceptSeed(pairs, form, sender, opened) : new byte[0];
        bySender.put(
                sender,
                opened.filter(form::isWhole)
                        .flatMap(plain -> findGood(sender, plain, key, maskCiphertext, commitmentsHash)));
        opened.ifPresent(plain -> Arrays.fill(plain, (byte) 0));
        if (opened.isPresent()
                && bySender.getOrDefault(sender, Optional.empty()).isEmpty()) {
            complaints.add(Complaint.newBuilder()
                    .setOwner(sender)
                    .setKey(ByteString.copyFrom(key))
                    .build());
        }
    }

    private static byte[] key(PairSecrets pairs, DeliveredShare share) throws RoundRefusedException {
        try {
            return pairs.keyFrom(share.getSender(), share.getSealCiphertext().toByteArray());
        } catch (InvalidKeyException malformed) {
            throw new RoundRefusedException(Rule.SHARE, "a malformed ciphertext");
        }
    }

    /** The ciphertext that the seed gives: its sender committed to it, and the server stores it. */
    private static byte[] acceptSeed(PairSecrets pairs, ShareForm form, int sender, Optional<byte[]> opened)
            throws RoundRefusedException {
        byte[] plain = opened.filter(bytes -> bytes.length == form.plainBytes())
                .orElseThrow(() -> new RoundRefusedException(Rule.SHARE, "a mask without its seed"));
        byte[] seed = ShareForm.seed(plain);
        byte[] ciphertext = pairs.acceptMaskSeed(sender, seed);
        Arrays.fill(seed, (byte) 0);
        return ciphertext;
    }

    private Optional<SharePair> findGood(
            int sender, byte[] plain, byte[] key, byte[] maskCiphertext, byte[] commitmentsHash) {
        byte[] commitments =
                Commitments.of(neighbourhood.context(), sender, neighbourhood.ownIndex(), plain, key, maskCiphertext);
        if (!Arrays.equals(Sha256.hash(commitments), commitmentsHash)) {
            return Optional.empty();
        }
        byte[] both = ShareForm.shares(plain);
        SharePair pair = SharePair.of(both);
        Arrays.fill(both, (byte) 0);
        return Optional.of(pair);
    }

    /** The neighbours that shared, with whom masks are agreed; ascending. */
    Set<Integer> senders() {
        return bySender.keySet();
    }

    /** Proofs against neighbours that sealed something else than they committed to, ascending. */
    List<Complaint> complaints() {
        return List.copyOf(complaints);
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
