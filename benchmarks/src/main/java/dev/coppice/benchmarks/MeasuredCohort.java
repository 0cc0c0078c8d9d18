package dev.coppice.benchmarks;

import com.google.protobuf.ByteString;
import dev.coppice.crypto.RandomSource;
import dev.coppice.crypto.masking.Advertised;
import dev.coppice.crypto.masking.MaskingClient;
import dev.coppice.crypto.masking.Member;
import dev.coppice.crypto.masking.Peers;
import dev.coppice.crypto.masking.RoundRefusedException;
import dev.coppice.crypto.masking.VerifiedTerms;
import dev.coppice.crypto.privacy.CohortBounds;
import dev.coppice.crypto.privacy.EncodingParameters;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.SignedMessages;
import dev.coppice.crypto.signing.SigningKey;
import dev.coppice.protocol.enrolment.DeviceCertificate;
import dev.coppice.protocol.round.KeyAgreement;
import dev.coppice.protocol.round.Privacy;
import dev.coppice.protocol.round.RoundTerms;
import dev.coppice.protocol.round.Training;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Enrolled devices and the signed terms of a round for all of them, in which nothing is trained. */
final class MeasuredCohort {
    private static final Instant NOW = Instant.parse("2026-01-02T00:00:00Z");

    private final RandomSource random = RandomSource.secure();
    private final SigningKey server = SigningKey.generate(random);
    private final SigningKey authority = SigningKey.generate(random);
    private final CohortBounds bounds;
    private final VerifiedTerms terms;
    private final List<Member> members = new ArrayList<>();

    MeasuredCohort(CohortBounds bounds, EncodingParameters encoding, KeyAgreement agreement)
            throws RoundRefusedException {
        this.bounds = bounds;
        RoundTerms message = RoundTerms.newBuilder()
                .setRoundId("measured-1")
                .setTaskId("measured")
                .setSkill("measured")
                .setNumber(1)
                .setBaseModelSha256("a".repeat(64))
                .setKitSha256("b".repeat(64))
                .setCandidateSha256("c".repeat(64))
                .setKitSpec(ByteString.copyFromUtf8("{}"))
                .setTraining(Training.newBuilder()
                        .setLocalSteps(1)
                        .setLearningRate(0.01f)
                        .setExamplesMin(1))
                .setEncoding(encoding.toMessage())
                .setPrivacy(Privacy.getDefaultInstance())
                .setCohort(bounds.toMessage())
                .setKeyAgreement(agreement)
                .setOpenedEpochMillis(NOW.toEpochMilli())
                .build();
        terms = VerifiedTerms.verify(SignedMessages.sign(server, Purpose.ROUND_TERMS, message), server.verifyingKey());
        for (int i = 0; i < bounds.sizeMin(); i++) {
            members.add(member("device-%05d".formatted(i))); // in the canonical order: i is its place in the cohort
        }
    }

    private Member member(String deviceId) {
        SigningKey key = SigningKey.generate(random);
        DeviceCertificate certificate = DeviceCertificate.newBuilder()
                .setDeviceId(deviceId)
                .setSigningKey(ByteString.copyFrom(key.verifyingKey().bytes()))
                .setPopulation("people")
                .setNotBeforeEpochSeconds(NOW.minusSeconds(60).getEpochSecond())
                .setNotAfterEpochSeconds(NOW.plus(Duration.ofDays(90)).getEpochSecond())
                .build();
        return new Member(deviceId, key, SignedMessages.sign(authority, Purpose.DEVICE_CERTIFICATE, certificate));
    }

    CohortBounds bounds() {
        return bounds;
    }

    VerifiedTerms terms() {
        return terms;
    }

    List<Member> members() {
        return members;
    }

    SigningKey server() {
        return server;
    }

    /** Step R0 of one device. */
    Advertised advertise(int device) throws RoundRefusedException {
        return MaskingClient.advertise(terms, members.get(device), Peers.of(authority.verifyingKey()), NOW, random);
    }
}
