package dev.coppice.crypto.masking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coppice.crypto.masking.RoundRefusedException.Rule;
import dev.coppice.protocol.Signed;
import dev.coppice.protocol.round.Attestation;
import dev.coppice.protocol.round.KeyAgreement;
import dev.coppice.protocol.round.RoundTerms;
import dev.coppice.protocol.round.Survivors;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Cohorts of several groups: each group has a sum of its own, and fails by itself. Each defence is named by its test. */
class GroupsTest {
    private static final int DEVICES = 50;
    private static final int GROUPS = 3;

    /** With hybrid keys for every other seed. */
    private static RoundTerms.Builder terms(long seed) {
        RoundTerms.Builder terms = RoundWorld.terms(64, 0.02, 0.25)
                .setKeyAgreement(seed % 2 == 0 ? KeyAgreement.X25519_MLKEM768 : KeyAgreement.X25519);
        terms.getCohortBuilder().setSizeMin(40).setGroupSize(16);
        return terms;
    }

    private static RoundWorld world(long seed) throws Exception {
        RoundWorld world = new RoundWorld(seed, DEVICES, terms(seed));
        world.advertise();
        assertThat(world.cohort().groups()).isEqualTo(GROUPS);
        return world;
    }

    private static List<Integer> group(RoundWorld world, int group) {
        BitSet all = new BitSet();
        all.set(0, DEVICES);
        return world.cohort().inGroup(group, all).stream().boxed().toList();
    }

    private static Integer[] first(List<Integer> devices, int count) {
        return devices.subList(0, count).toArray(Integer[]::new);
    }

    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void eachGroupSumsExactlyItsOwnSurvivors(long seed) throws Exception {
        RoundWorld world = world(seed);
        int third = DEVICES / 3;
        world.share((int) seed % third).mask(third + 1, 2 * third + 2).unmask(third + 3);
        for (int group = 0; group < GROUPS; group++) {
            List<Integer> counted = group(world, group).stream()
                    .filter(world.masked::containsKey)
                    .toList();
            assertThat(world.sum(group)).as("seed %d, group %d", seed, group).isEqualTo(world.ones(counted));
        }
    }

    /** Groups are drawn with the graph: the members of one differ from cohort to cohort, and follow from no id. */
    @Test
    void neighboursAreOfOneGroupAndGroupsAreDrawn() throws Exception {
        RoundWorld one = world(1);
        RoundWorld other = world(2);
        for (int device : group(one, 1)) {
            assertThat(group(one, 1)).containsAll(one.cohort().neighbours(device));
            assertThat(one.cohort().neighbours(device)).hasSize(group(one, 1).size() - 1);
        }
        assertThat(group(one, 0)).isNotEqualTo(group(other, 0));
        assertThat(group(one, 0)).isNotEqualTo(IntStream.range(0, 16).boxed().toList());
    }

    /** Defence: nonces are opened where there is more than one group, although each is complete. */
    @Test
    void whoIsInWhichGroupIsDecidedByOpenedNonces() throws Exception {
        RoundWorld world = world(3);
        assertThat(world.cohort().parameters().of(0).complete()).isTrue();
        assertThat(world.closed().contributors()).isEqualTo(Beacon.CONTRIBUTORS);
        assertThatThrownBy(() -> world.closed().with(Map.of())).isInstanceOf(CohortRefusedException.class);
    }

    /** Of 16 devices 4 may be missing. */
    @Test
    void aGroupThatLosesTooManyIsLeftOutAndTheOthersGoOn() throws Exception {
        RoundWorld world = world(4);
        List<Integer> lost = group(world, 0);
        world.share().mask(first(lost, 5));
        Signed survivors = world.signed(world.survivors());
        for (int device : lost.subList(5, lost.size())) {
            assertRefused(
                    Rule.SURVIVORS_INCONSISTENT,
                    () -> world.masked(device).attest(survivors, world.server.verifyingKey()));
            world.masked.remove(device);
        }
        world.attest().unmask();
        assertThat(world.maskedSum(0).count()).isZero();
        assertThat(world.sum()).isEqualTo(world.expected());
    }

    @Test
    void aRoundWhoseGroupsAllLoseTooManyIsAbandoned() throws Exception {
        RoundWorld world = world(5);
        world.share();
        BitSet few = new BitSet();
        for (int group = 0; group < GROUPS; group++) {
            group(world, group).subList(5, group(world, group).size()).forEach(few::set);
        }
        assertThatThrownBy(() -> MaskingServer.survivors(world.cohort(), RoundWorld.set(world.shared), few))
                .isInstanceOf(CohortRefusedException.class);
    }

    /** Defence: {@code ring.in} in {@link SurvivorRules}: those of other groups are no company. */
    @Test
    void aGroupOfTooFewIsRefusedHoweverManySurviveElsewhere() throws Exception {
        RoundWorld world = world(6);
        world.share().mask();
        List<Integer> victims = group(world, 0);
        BitSet fewer = RoundWorld.set(world.masked);
        victims.subList(0, 5).forEach(fewer::clear);
        Survivors lying = world.survivors().toBuilder()
                .setMasked(SurvivorRules.bitmap(fewer, DEVICES))
                .build();
        assertRefused(
                Rule.TOO_FEW_SURVIVORS,
                () -> world.masked(victims.get(10)).attest(world.signed(lying), world.server.verifyingKey()));
    }

    /** Defence: {@code inGroup} in {@link Attested}: attestations of other groups say nothing about this one's view. */
    @Test
    void attestationsOfOtherGroupsDoNotCount() throws Exception {
        RoundWorld world = world(7);
        world.share().mask();
        List<Integer> split = group(world, 0);
        BitSet fewer = RoundWorld.set(world.masked);
        fewer.clear(split.get(0));
        Signed everybody = world.signed(world.survivors());
        Signed without = world.signed(MaskingServer.survivors(world.cohort(), RoundWorld.set(world.shared), fewer));
        Map<Integer, Attested> told = new HashMap<>();
        Map<Integer, Attestation> messages = new HashMap<>();
        for (int device : world.masked.keySet()) {
            boolean misled = split.indexOf(device) >= split.size() / 2;
            Attested step = world.masked(device).attest(misled ? without : everybody, world.server.verifyingKey());
            told.put(device, step);
            if (!misled) {
                messages.put(device, step.message());
            }
        }
        Attestations attestations = MaskingServer.attestations(world.cohort(), messages);
        assertThat(attestations.count() - attestations.sufficient()).isEqualTo(split.size() / 2);
        for (int device : split) {
            assertRefused(
                    device == split.get(0) || split.indexOf(device) < split.size() / 2
                            ? Rule.TOO_FEW_ATTESTATIONS
                            : Rule.SURVIVORS_INCONSISTENT,
                    () -> Objects.requireNonNull(told.get(device)).sample(attestations.roll()));
        }
        int elsewhere = group(world, 1).get(0);
        Sampling sampling = Objects.requireNonNull(told.get(elsewhere)).sample(attestations.roll());
        assertThat(group(world, 1)).containsAll(sampling.message().getIndicesList());
        sampling.unmask(attestations.open(sampling.message()));
    }

    /** Defence: {@code MessageRules}: one device of an abandoned group must not spoil the roll for the others. */
    @Test
    void theServerTakesNoAttestationFromAGroupThatIsLeftOut() throws Exception {
        RoundWorld world = world(8);
        List<Integer> lost = group(world, 2);
        world.share().mask(first(lost, 5));
        Signed survivors = world.signed(world.survivors());
        int bad = lost.get(7);
        byte[] attested = world.cohort().context().attested(bad, SurvivorView.hash(survivors));
        Attestation message = Attestation.newBuilder()
                .setRoundId("round-1")
                .setSignature(com.google.protobuf.ByteString.copyFrom(
                        world.members.get(bad).key().sign(dev.coppice.crypto.signing.Purpose.ATTESTATION, attested)))
                .build();
        assertThatThrownBy(() -> MaskingServer.checked(world.cohort(), survivors, bad, message))
                .isInstanceOf(MessageRefusedException.class)
                .hasMessageContaining("in no sum");
    }

    /** A group whose members refuse to unmask, or vanish, costs its own sum and no other. */
    @Test
    void aGroupThatDoesNotUnmaskKeepsNobodyElseFromIt() throws Exception {
        RoundWorld world = world(9);
        List<Integer> silent = group(world, 1);
        world.share().mask().unmask(silent.toArray(Integer[]::new));
        assertThatThrownBy(() -> world.sum(1)).isInstanceOf(SharesMissingException.class);
        assertThat(world.sum(0)).isEqualTo(world.ones(group(world, 0)));
        assertThat(world.sum(2)).isEqualTo(world.ones(group(world, 2)));
    }

    private static void assertRefused(Rule rule, ThrowingCallable step) {
        assertThatThrownBy(step)
                .isInstanceOfSatisfying(
                        RoundRefusedException.class,
                        refused -> assertThat(refused.rule()).isEqualTo(rule));
    }
}
