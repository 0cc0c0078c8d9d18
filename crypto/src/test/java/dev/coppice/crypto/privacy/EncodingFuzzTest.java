package dev.coppice.crypto.privacy;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.coppice.protocol.round.Encoding;
import dev.coppice.protocol.round.RoundTerms;
import dev.coppice.testkit.SeededBytes;

/** What terms say of encoding and privacy: accepted, and then usable, or refused; nothing else. */
class EncodingFuzzTest {
    private static final int DIMENSION_TRIED = 1 << 12;

    @FuzzTest
    void anyEncodingIsRefusedOrEncodes(byte[] bytes) {
        try {
            EncodingParameters encoding = EncodingParameters.of(Encoding.parseFrom(bytes));
            assertThat(EncodingParameters.of(encoding.toMessage())).isEqualTo(encoding);
            if (encoding.dimension() <= DIMENSION_TRIED) {
                int[] encoded = new UpdateEncoder(encoding)
                        .encode(new float[encoding.updateDimension()], new SeededBytes(1)::fill);
                new SumDecoder(encoding).decode(encoded);
            }
        } catch (InvalidProtocolBufferException | IllegalArgumentException refused) {
            assertThat(refused.getMessage()).isNotEmpty();
        }
    }

    @FuzzTest
    void anyTermsAreRefusedOrGiveAsMuchAsTheyPromise(byte[] bytes) {
        try {
            RoundTerms terms = RoundTerms.parseFrom(bytes);
            NoisePlan plan = NoisePlan.verify(terms.getEncoding(), terms.getPrivacy(), terms.getCohort());
            if (plan.isPrivate()) {
                assertThat(plan.epsilon())
                        .isLessThanOrEqualTo(terms.getPrivacy().getEpsilonMax() * (1 + 1e-9));
            }
        } catch (InvalidProtocolBufferException | PrivacyRefusedException refused) {
            assertThat(refused.getMessage()).isNotEmpty();
        }
    }
}
