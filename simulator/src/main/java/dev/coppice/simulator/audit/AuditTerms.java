package dev.coppice.simulator.audit;

import com.google.protobuf.ByteString;
import dev.coppice.crypto.masking.RoundRefusedException;
import dev.coppice.crypto.masking.VerifiedTerms;
import dev.coppice.crypto.privacy.CohortBounds;
import dev.coppice.crypto.privacy.NoisePlan;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.SignedMessages;
import dev.coppice.crypto.signing.SigningKey;
import dev.coppice.protocol.round.RoundTerms;
import dev.coppice.protocol.round.Training;
import java.time.Instant;

/** Terms of a round in which nothing is trained: what concerns the model is made up. */
final class AuditTerms {
    private AuditTerms() {}

    static VerifiedTerms of(NoisePlan plan, CohortBounds cohort, int number, Instant opened, SigningKey server)
            throws RoundRefusedException {
        RoundTerms terms = RoundTerms.newBuilder()
                .setRoundId("audit-" + number)
                .setTaskId("audit")
                .setSkill("audit")
                .setNumber(number)
                .setBaseModelSha256("a".repeat(64))
                .setKitSha256("b".repeat(64))
                .setCandidateSha256("c".repeat(64))
                .setKitSpec(ByteString.copyFromUtf8("{}"))
                .setTraining(Training.newBuilder()
                        .setLocalSteps(1)
                        .setLearningRate(0.01f)
                        .setExamplesMin(1))
                .setEncoding(plan.encoding().toMessage())
                .setPrivacy(plan.toMessage())
                .setCohort(cohort.toMessage())
                .setOpenedEpochMillis(opened.toEpochMilli())
                .build();
        return VerifiedTerms.verify(SignedMessages.sign(server, Purpose.ROUND_TERMS, terms), server.verifyingKey());
    }
}
