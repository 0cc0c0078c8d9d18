package dev.coppice.crypto.masking;

import com.google.protobuf.ByteString;
import dev.coppice.crypto.internal.BitPacking;
import dev.coppice.crypto.internal.MaskStream;
import dev.coppice.crypto.masking.RoundRefusedException.Rule;
import dev.coppice.protocol.round.MaskedInput;
import dev.coppice.protocol.round.ShareBundle;
import dev.coppice.protocol.round.ShareInbox;
import java.security.InvalidKeyException;
import java.util.Arrays;
import java.util.Set;

/** A device that has shared its secrets and waits for the shares of its neighbours'. */
public final class Shared implements AutoCloseable {
    private final Once once = new Once();
    private final DeviceRound round;
    private final Neighbourhood neighbourhood;
    private final DeviceSecrets secrets;
    /** Seen by tests of what bad devices seal. */
    final PairSecrets pairs;

    private final ShareBundle message;

    Shared(
            DeviceRound round,
            Neighbourhood neighbourhood,
            DeviceSecrets secrets,
            PairSecrets pairs,
            ShareBundle message) {
        this.pairs = pairs;
        this.round = round;
        this.neighbourhood = neighbourhood;
        this.secrets = secrets;
        this.message = message;
    }

    public ShareBundle message() {
        return message;
    }

    /**
     * Step R2: opens the neighbours' shares and masks the device's input with all of them.
     *
     * @param encoded {@link VerifiedTerms#paddedDimension()} values of which the low bits count; overwritten
     * @throws RoundRefusedException if a share is false or too few came; the secrets are wiped and the round is over
     * @throws IllegalStateException on a second call, or after close
     * @throws IllegalArgumentException if {@code encoded} has another length
     */
    public Masked mask(ShareInbox inbox, int[] encoded) throws RoundRefusedException {
        if (encoded.length != round.terms().paddedDimension()) {
            throw new IllegalArgumentException("%d values where the terms say %d"
                    .formatted(encoded.length, round.terms().paddedDimension()));
        }
        once.use();
        try {
            return masked(HeldShares.open(round.terms(), neighbourhood, pairs, inbox), encoded);
        } finally {
            close();
        }
    }

    private Masked masked(HeldShares held, int[] encoded) throws RoundRefusedException {
        try {
            addMasks(held.senders(), encoded);
            byte[] packed = BitPacking.pack(encoded, round.terms().bits());
            MaskedInput input = MaskedInput.newBuilder()
                    .setRoundId(round.terms().roundId())
                    .setPacked(ByteString.copyFrom(packed))
                    .build();
            return new Masked(round, neighbourhood, held, input);
        } catch (InvalidKeyException unusable) {
            held.close();
            throw new RoundRefusedException(Rule.ADVERTISEMENT, "an unusable masking key");
        }
    }

    /** Adds the own mask, and for each neighbour the shared one: the lower of the two indices adds what the other takes. */
    private void addMasks(Set<Integer> senders, int[] target) throws InvalidKeyException {
        RoundContext context = neighbourhood.context();
        int own = neighbourhood.ownIndex();
        MaskStream stream = new MaskStream();
        byte[] selfKey = secrets.selfMask().use(seed -> context.selfMaskKey(seed, own));
        stream.add(selfKey, target);
        Arrays.fill(selfKey, (byte) 0);
        for (int other : senders) {
            byte[] key = pairs.maskKey(other);
            if (own < other) {
                stream.add(key, target);
            } else {
                stream.subtract(key, target);
            }
            Arrays.fill(key, (byte) 0);
        }
    }

    @Override
    public void close() {
        once.close();
        secrets.close();
        pairs.close();
    }
}
