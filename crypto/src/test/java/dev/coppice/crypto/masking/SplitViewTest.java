package dev.coppice.crypto.masking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.coppice.crypto.masking.RoundRefusedException.Rule;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.SigningKey;
import dev.coppice.protocol.Signed;
import dev.coppice.protocol.round.Attestation;
import dev.coppice.protocol.round.Openings;
import dev.coppice.protocol.round.Survivors;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A server that signs two statements about who is in the sum and shows each to a part of the devices: with shares of both
 * it could take the masks off two sums, and the difference is one device's input. Each test names its defence.
 */
class SplitViewTest {
    private static final int DEVICES = 90;
    private static final int VICTIM = 7;

    private final RoundWorld world = new RoundWorld(41, DEVICES, RoundWorld.terms(128, 0.05, 0.1));
    private final Map<Integer, Attested> told = new HashMap<>();
    private Signed everybody = Signed.getDefaultInstance();
    private Signed withoutVictim = Signed.getDefaultInstance();

    @BeforeEach
    void maskAll() throws Exception {
        world.advertise().share().mask();
        everybody = world.signed(world.survivors());
        BitSet others = RoundWorld.set(world.masked);
        others.clear(VICTIM);
        Survivors fewer = MaskingServer.survivors(world.cohort(), RoundWorld.set(world.shared), others);
        withoutVictim = world.signed(fewer);
    }

    /** Both halves are large enough to give a sum each, if nobody compared. */
    @Test
    void withoutAttestationsBothSumsCouldBeUnmasked() {
        assertThat(DEVICES / 2).isGreaterThan(world.cohort().parameters().of(0).threshold());
    }

    /** Defence: {@link AttestationRules#requireEnough}, called in {@link Attested#sample}. */
    @Test
    void noStatementThatHalfTheDevicesWereShownIsUnmasked() throws Exception {
        tell(DEVICES / 2);
        Map<Integer, Attestation> half = attestations(0, DEVICES / 2);
        assertThatThrownBy(() -> MaskingServer.attestations(world.cohort(), half))
                .isInstanceOf(CohortRefusedException.class);
        Attestations lying = new Attestations(world.cohort(), half);
        assertRefused(Rule.TOO_FEW_ATTESTATIONS, () -> attested(0).sample(lying.roll()));
        Attestations others = new Attestations(world.cohort(), attestations(DEVICES / 2, DEVICES));
        assertRefused(Rule.TOO_FEW_ATTESTATIONS, () -> attested(DEVICES - 1).sample(others.roll()));
    }

    /** Defence: the check of each attestation in {@link Sampling}: the roll may hold what the server likes. */
    @Test
    void aRollFilledUpWithAttestationsOfAnotherStatementIsNoticed() throws Exception {
        tell(DEVICES / 2);
        Map<Integer, Attestation> all = attestations(0, DEVICES);
        all.remove(VICTIM); // in one of the two sums only
        Attestations lying = new Attestations(world.cohort(), all);
        for (int device : new int[] {0, 1, 2, DEVICES - 1, DEVICES - 2}) {
            Sampling sampling = attested(device).sample(lying.roll());
            Openings openings = lying.open(sampling.message());
            assertRefused(Rule.VIEWS_DIFFER, () -> sampling.unmask(openings));
            assertThatThrownBy(() -> sampling.unmask(openings))
                    .as("after a refusal the device is out of the round")
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    /** Defence: {@code proves} for the roll in {@link Sampling}: the server is bound before devices draw. */
    @Test
    void anAttestationThatWasNotOnTheRollDoesNotCount() throws Exception {
        tell(DEVICES);
        Map<Integer, Attestation> all = attestations(0, DEVICES);
        Map<Integer, Attestation> placeholders = new HashMap<>(all);
        placeholders.replaceAll((index, genuine) -> index < 50
                ? genuine.toBuilder()
                        .setSignature(ByteString.copyFrom(new byte[64]))
                        .build()
                : genuine);
        Attestations shown = new Attestations(world.cohort(), placeholders);
        Sampling sampling = attested(0).sample(shown.roll());
        // made only after the sample is known, as by a server that asks each device drawn just then
        Openings late = new Attestations(world.cohort(), all).open(sampling.message());
        assertRefused(Rule.VIEWS_DIFFER, () -> sampling.unmask(late));
    }

    /** Defence: {@code proves} for the cohort in {@link Sampling}, and the index in {@link RoundContext#attested}. */
    @Test
    void oneDeviceCannotAttestInPlaceOfAnother() throws Exception {
        tell(DEVICES);
        SigningKey sybil = world.members.get(4).key();
        Map<Integer, Attestation> claimed = attestations(0, DEVICES);
        claimed.replaceAll((index, genuine) -> {
            byte[] attested = world.cohort().context().attested(index, SurvivorView.hash(everybody));
            return genuine.toBuilder()
                    .setSignature(ByteString.copyFrom(sybil.sign(Purpose.ATTESTATION, attested)))
                    .build();
        });
        Attestations lying = new Attestations(world.cohort(), claimed);
        Sampling sampling = attested(0).sample(lying.roll());
        Openings.Builder openings = lying.open(sampling.message()).toBuilder();
        for (int i = 0; i < openings.getOpeningsCount(); i++) {
            String id = world.members.get(sampling.message().getIndices(i)).deviceId();
            openings.getOpeningsBuilder(i).setCertificate(RoundWorld.certificate(id, sybil, world.authority));
        }
        assertRefused(Rule.VIEWS_DIFFER, () -> sampling.unmask(openings.build()));
    }

    /** Defence: the order of device ids in {@link Sampling}. */
    @Test
    void openingsInAnotherOrderOrNumberAreRefused() throws Exception {
        tell(DEVICES);
        Attestations honest = new Attestations(world.cohort(), attestations(0, DEVICES));
        Sampling one = attested(0).sample(honest.roll());
        Openings fewer =
                honest.open(one.message()).toBuilder().removeOpenings(0).build();
        assertRefused(Rule.VIEWS_DIFFER, () -> one.unmask(fewer));
        Sampling none = attested(1).sample(honest.roll());
        assertRefused(Rule.VIEWS_DIFFER, () -> none.unmask(Openings.getDefaultInstance()));
    }

    /** Defence: the device's own randomness in {@link Attested#sample}: the server must not foresee who is asked. */
    @Test
    void eachDeviceDrawsOthersAndNoMoreThanThereAre() throws Exception {
        tell(DEVICES);
        Attestations honest = new Attestations(world.cohort(), attestations(0, DEVICES));
        List<Integer> first = attested(0).sample(honest.roll()).message().getIndicesList();
        List<Integer> second = attested(1).sample(honest.roll()).message().getIndicesList();
        assertThat(first).hasSize(80).doesNotHaveDuplicates().isSorted().isNotEqualTo(second);
    }

    /** Defence: {@code strangers} in {@link Attested#sample}. */
    @Test
    void attestationsOfDevicesThatAreNotInTheSumAreRefused() throws Exception {
        for (int i = 0; i < DEVICES; i++) {
            if (i != VICTIM) {
                told.put(i, world.masked(i).attest(withoutVictim, world.server.verifyingKey()));
            }
        }
        Map<Integer, Attestation> all = new HashMap<>(attestations(0, VICTIM));
        all.putAll(attestations(VICTIM + 1, DEVICES));
        all.put(VICTIM, attested(0).message());
        Attestations lying = new Attestations(world.cohort(), all);
        assertRefused(Rule.SURVIVORS_INCONSISTENT, () -> attested(1).sample(lying.roll()));
    }

    /** Defence: {@code MessageRules} for R3, and {@code open} in {@link Attestations}. */
    @Test
    void theServerTakesNoAttestationOfOtherSurvivorsAndNoSampleThatIsNotOne() throws Exception {
        tell(DEVICES / 2);
        Attestation other = attested(DEVICES - 1).message();
        assertThatThrownBy(() -> MaskingServer.checked(world.cohort(), everybody, DEVICES - 1, other))
                .isInstanceOf(MessageRefusedException.class);
        assertThat(MaskingServer.checked(world.cohort(), withoutVictim, DEVICES - 1, other))
                .isEqualTo(other);
        assertThatThrownBy(() -> MaskingServer.checked(
                        world.cohort(),
                        withoutVictim,
                        DEVICES - 1,
                        other.toBuilder().setRoundId("round-0").build()))
                .isInstanceOf(MessageRefusedException.class);

        Attestations honest = new Attestations(world.cohort(), attestations(0, 85));
        var sample = dev.coppice.protocol.round.Sample.newBuilder().setRoundId("round-1");
        honest.open(sample.clone().addIndices(3).addIndices(4).build());
        for (var bad : List.of(
                sample.clone().addIndices(4).addIndices(3),
                sample.clone().addIndices(3).addIndices(3),
                sample.clone().addIndices(85),
                sample.clone().addIndices(-1),
                sample.clone().addAllIndices(IntStream.range(0, 81).boxed().toList()),
                sample.clone().setRoundId("round-0").addIndices(3))) {
            assertThatThrownBy(() -> honest.open(bad.build())).isInstanceOf(MessageRefusedException.class);
        }
    }

    @Test
    void enoughIsMoreThanHalfOfTheCohortAndItsBadDevicesAndAllButTwiceTheDropOuts() throws Exception {
        VerifiedTerms terms = world.verified(RoundWorld.terms(16, 0.2, 0.05).build());
        assertThat(AttestationRules.fewest(new GroupParameters(1000, 200, 2, 2), terms))
                .isEqualTo(900);
        terms = world.verified(RoundWorld.terms(16, 0.2, 0.3).build());
        assertThat(AttestationRules.fewest(new GroupParameters(1000, 200, 2, 2), terms))
                .isEqualTo(601);
        assertThat(AttestationRules.fewest(new GroupParameters(5, 1, 2, 2), terms))
                .isEqualTo(4);
    }

    /** Devices below {@code split} are told of everybody, the others that the victim dropped out. */
    private void tell(int split) throws Exception {
        for (int i = 0; i < DEVICES; i++) {
            Signed statement = i < split || i == VICTIM ? everybody : withoutVictim;
            told.put(i, world.masked(i).attest(statement, world.server.verifyingKey()));
        }
    }

    private Attested attested(int index) {
        return Objects.requireNonNull(told.get(index));
    }

    private Map<Integer, Attestation> attestations(int from, int to) {
        Map<Integer, Attestation> messages = new HashMap<>();
        for (int i = from; i < to; i++) {
            messages.put(i, attested(i).message());
        }
        return messages;
    }

    private static void assertRefused(Rule rule, ThrowingCallable attack) {
        assertThatThrownBy(attack)
                .isInstanceOfSatisfying(
                        RoundRefusedException.class,
                        refused ->
                                assertThat(refused.rule()).as(refused.reason()).isEqualTo(rule));
    }
}
