package dev.coppice.agent.checkin;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.SignatureRefusedException;
import dev.coppice.crypto.signing.SignedMessages;
import dev.coppice.crypto.signing.VerifyingKey;
import dev.coppice.protocol.Signed;
import dev.coppice.protocol.round.TrainingHalt;

/** What the operator says about the training of a population. Whether it is the latest word is another question. */
public final class HaltOrder {
    private HaltOrder() {}

    /**
     * What is said, by the aggregator itself and of this population.
     *
     * @throws StayOutException if it is not
     */
    public static TrainingHalt verified(Signed signed, VerifyingKey server, String population) throws StayOutException {
        try {
            TrainingHalt halt = TrainingHalt.parseFrom(SignedMessages.verified(signed, server, Purpose.TRAINING_HALT));
            if (halt.getSequence() > 0 && halt.getPopulation().equals(population)) {
                return halt;
            }
        } catch (SignatureRefusedException | InvalidProtocolBufferException e) {
            // as bad as one about another population
        }
        throw new StayOutException(
                Reason.TERMS_REFUSED,
                "what the aggregator says of a halt is not signed by it, or of another population");
    }
}
