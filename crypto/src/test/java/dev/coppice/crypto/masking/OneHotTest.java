package dev.coppice.crypto.masking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coppice.protocol.round.Advertisement;
import dev.coppice.protocol.round.KeyAgreement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Device i puts in the unit vector i, so that the sum says exactly who was counted, and how often. */
@ParameterizedClass
@EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UNRECOGNIZED")
class OneHotTest {
    private static final double DROPOUT_BOUND = 0.25;

    private final KeyAgreement agreement;

    OneHotTest(KeyAgreement agreement) {
        this.agreement = agreement;
    }

    @Test
    void theSumOfARoundWithoutDropOutsIsOneForEachDevice() throws Exception {
        var world = new RoundWorld(1, 40, RoundWorld.terms(64, 0.05, 0.1, agreement));
        world.advertise().share().mask().unmask();
        assertThat(world.sum()).isEqualTo(world.expected());
    }

    @Test
    void aRingWithDropOutsAtEveryStepSumsItsSurvivors() throws Exception {
        var world = new RoundWorld(2, 90, RoundWorld.terms(100, 0.05, 0.1, agreement));
        world.advertise();
        assertThat(world.cohort().parameters().of(0).complete()).isFalse();
        world.share(3, 17, 50).mask(8, 44, 89).unmask(0, 21, 66);
        assertThat(world.sum()).isEqualTo(world.expected());
    }

    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void whileNoMoreDropOutThanPlannedTheSumIsExactlyTheSurvivors(long seed) throws Exception {
        Random random = new Random(seed);
        int devices = 8 + random.nextInt(38);
        List<Integer> leaving = someOf(devices, Rates.floor(DROPOUT_BOUND, devices), random);
        var world = round(seed, devices, leaving, random);

        assertThat(world.sum()).as("seed %d, %d devices", seed, devices).isEqualTo(world.expected());
        assertThat(world.sum()).as("a second replica").isEqualTo(world.expected());
    }

    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void whenMoreDropOutThanPlannedTheRoundIsRefusedOrTheSumIsExact(long seed) throws Exception {
        Random random = new Random(seed);
        int devices = 8 + random.nextInt(20);
        List<Integer> leaving = someOf(devices, 1 + random.nextInt(devices - 2), random);
        try {
            var world = round(seed, devices, leaving, random);
            assertThat(world.sum()).as("seed %d, %d devices", seed, devices).isEqualTo(world.expected());
        } catch (CohortRefusedException | RoundRefusedException | SharesMissingException refused) {
            assertThat(leaving).hasSizeGreaterThan(Rates.floor(DROPOUT_BOUND, devices));
        }
    }

    @Test
    void aMissingInputIsNotSummedOver() throws Exception {
        var world = new RoundWorld(3, 10, RoundWorld.terms(16, 0, 0.2, agreement));
        world.advertise().share().mask().unmask();
        MaskedSum short1 = new MaskedSum(world.terms);
        short1.add(world.masked(0).message());
        assertThatThrownBy(() -> MaskingServer.unmask(
                        world.cohort(), 0, world.sealedShares(), world.survivors(), short1, world.unmaskings()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** A round whose server sees everything in another order, and in which the leaving part at different steps. */
    private RoundWorld round(long seed, int devices, List<Integer> leaving, Random random) throws Exception {
        var world = new RoundWorld(seed, devices, RoundWorld.terms(64, 0.05, DROPOUT_BOUND, agreement));
        world.advertise();
        List<Advertisement> shuffled = new ArrayList<>(
                world.advertised.values().stream().map(Advertised::message).toList());
        Collections.shuffle(shuffled, random);
        Cohort again = world.opened(MaskingServer.close(world.terms, shuffled));
        assertThat(again.roster(0)).isEqualTo(world.cohort().roster(0));

        int first = random.nextInt(leaving.size() + 1);
        int second = first + random.nextInt(leaving.size() + 1 - first);
        int third = second + random.nextInt(leaving.size() + 1 - second);
        world.share(leaving.subList(0, first).toArray(Integer[]::new));
        world.mask(leaving.subList(first, second).toArray(Integer[]::new));
        world.attest(leaving.subList(second, third).toArray(Integer[]::new));
        world.unmask(leaving.subList(third, leaving.size()).toArray(Integer[]::new));
        return world;
    }

    private static List<Integer> someOf(int devices, int count, Random random) {
        List<Integer> all = new ArrayList<>(IntStream.range(0, devices).boxed().toList());
        Collections.shuffle(all, random);
        return all.subList(0, count);
    }
}
