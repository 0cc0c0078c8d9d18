package dev.coppice.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.model.BaseModel;
import dev.coppice.adapters.pack.PackContents;
import dev.coppice.adapters.pack.PrivacyFacts;
import dev.coppice.adapters.pack.SkillFacts;
import dev.coppice.adapters.runtime.EngineKind;
import dev.coppice.adapters.text.Example;
import dev.coppice.agent.install.PackShelf;
import dev.coppice.agent.store.Event;
import dev.coppice.agent.store.HomeKey;
import dev.coppice.agent.store.KeyVault;
import dev.coppice.agent.training.Classroom;
import dev.coppice.agent.training.OwnEngines;
import dev.coppice.crypto.sealing.StorageKey;
import dev.coppice.crypto.transparency.PackLog;
import dev.coppice.crypto.trust.ReleasedPack;
import dev.coppice.crypto.trust.RolloutPolicy;
import dev.coppice.crypto.trust.RolloutPolicy.Lane;
import dev.coppice.testkit.SeededBytes;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Good packs are installed; whatever is wrong with a pack, the old one stays in use. */
@Timeout(120)
class PackTest extends InTestWorld {
    private static final List<Example> OTHERS = TestWorld.examples(100, 99);

    @Test
    void aGoodPackIsInstalledOnceAndSurvivesARestart() throws Exception {
        try (Agent agent = agent()) {
            assertThat(agent.update()).isEqualTo(new Installation.UpToDate(0));
            release(1, trained(20));
            assertThat(agent.update()).isInstanceOf(Installation.Installed.class);
            assertThat(agent.update()).isEqualTo(new Installation.UpToDate(1));
            assertThat(agent.evaluate(OTHERS, Source.PACK).loss())
                    .isLessThan(agent.evaluate(OTHERS, Source.BASE).loss() - 0.1);
        }
        try (Agent agent =
                TestWorld.open(world.config("agent-0", world.aggregator).build())) {
            assertThat(agent.installedVersion()).isEqualTo(1);
            assertThat(agent.predict("too dark").source()).isEqualTo(Source.PACK);
            assertThat(agent.predict("too dark").label()).isEqualTo("on");
        }
    }

    @Test
    void aPackThatTooFewReleaseKeysSignedIsRefused() throws Exception {
        assertOldOneStays(agent -> {
            FakeRepository repository = world.aggregator.repository;
            repository.signers = List.of(repository.signers.get(0), FakeRepository.holder(666));
            release(2, trained(40));
        });
    }

    @Test
    void aPackThatIsOlderThanOneSeenIsNotInstalled() throws Exception {
        try (Agent agent = agent()) {
            release(3, trained(20));
            assertThat(agent.update()).isInstanceOf(Installation.Installed.class);
            release(2, trained(40));
            assertThat(agent.update()).isEqualTo(new Installation.UpToDate(3));
        }
    }

    @Test
    void aRepositoryThatIsOlderThanOneSeenIsRefused() throws Exception {
        try (Agent agent = agent()) {
            release(1, trained(20));
            agent.update();
        }
        FakeAggregator stale = new FakeAggregator(world.serverKey, world.enrolmentKey, world.clock); // the same keys
        try (Agent agent = TestWorld.open(world.config("agent-0", stale).build())) {
            assertRefused(agent, 1);
        }
    }

    @Test
    void aRepositoryThatStandsStillIsRefused() throws Exception {
        assertOldOneStays(agent -> {
            release(2, trained(40));
            world.clock.advance(Duration.ofDays(31));
        });
    }

    @Test
    void aPackWithATamperedFileIsRefused() throws Exception {
        assertOldOneStays(agent -> {
            release(2, trained(40));
            world.aggregator.repository.tamper(PackContents.WEIGHTS, new byte[10]);
        });
    }

    @Test
    void aPackForAnotherBaseModelSkillOrKitIsForOthers() throws Exception {
        try (Agent agent = agent()) {
            release(1, trained(20));
            agent.update();
            String other = "0".repeat(64);
            release("lights", 2, other, world.kit.sha256(), trained(40));
            release("other", 3, world.model.sha256(), world.kit.sha256(), trained(40));
            release("lights", 4, world.model.sha256(), other, trained(40));
            assertThat(agent.update()).isEqualTo(new Installation.UpToDate(1));
        }
    }

    @Test
    void aPackThatDoesNotHoldWhatItSaysIsRefused() throws Exception {
        assertOldOneStays(agent -> {
            Map<String, byte[]> files = Map.of(PackContents.SKILL, new byte[] {1, 2, 3});
            world.aggregator.repository.release(
                    ReleasedPack.of("lights", 2, world.model.sha256(), world.kit.sha256(), files), files);
        });
    }

    @Test
    void aPackThatIsNotInTheLogIsRefused() throws Exception {
        assertOldOneStays(agent -> {
            Map<String, byte[]> files = files(2, trained(40));
            world.aggregator.repository.releaseUnlogged(pack(2, files), files);
        });
    }

    @Test
    void aLogThatForgetsWhatTheDeviceSawIsRefused() throws Exception {
        assertOldOneStays(agent -> {
            world.aggregator.repository.log = FakeRepository.newLog();
            release(2, trained(40));
        });
        assertOldOneStays(agent -> {
            PackLog other = FakeRepository.newLog();
            other.add("something else");
            other.add("and more of it");
            world.aggregator.repository.log = other;
            release(3, trained(40));
        });
    }

    @Test
    void aRolloutSaysWhichPackADeviceUsesAndBringsItBackWhenItIsHalted() throws Exception {
        try (Agent agent = agent()) {
            release(1, trained(5));
            release(2, trained(20));
            rollOut(1, new Lane("*", 2, 0, 1, false));
            assertThat(agent.update()).isInstanceOf(Installation.Installed.class);
            assertThat(agent.installedVersion()).as("not among the first").isEqualTo(1);
            rollOut(2, new Lane("*", 2, 1000, 1, false));
            assertThat(agent.update()).isInstanceOf(Installation.Installed.class);
            assertThat(agent.installedVersion()).isEqualTo(2);
            rollOut(3, new Lane("*", 2, 1000, 1, true));
            assertThat(agent.update()).isEqualTo(new Installation.Returned(2, 1));
            assertThat(agent.installedVersion()).isEqualTo(1);
            assertThat(agent.update()).isEqualTo(new Installation.UpToDate(1));
            rollOut(4, new Lane("*", 2, 1000, 0, true));
            assertThat(agent.update()).isEqualTo(new Installation.Returned(1, 0));
            assertThat(agent.predict("too dark").source()).isEqualTo(Source.BASE);
        }
    }

    @Test
    void aRolloutCannotBringAPackThatReleaseKeysDidNotSignNorAnOlderPolicy() throws Exception {
        try (Agent agent = agent()) {
            release(1, trained(20));
            rollOut(5, new Lane("*", 7, 1000, 1, false));
            assertThat(agent.update()).isEqualTo(new Installation.UpToDate(0));
            rollOut(4, new Lane("*", 1, 1000, 0, false));
            assertThat(agent.update()).isInstanceOf(Installation.Refused.class);
            rollOut(6, new Lane("default", 1, 1000, 0, false), new Lane("*", 1, 0, 0, false));
            assertThat(agent.update()).isInstanceOf(Installation.Installed.class);
        }
    }

    @Test
    void devicesOfDifferentClassesUseDifferentPacksAtOnce() throws Exception {
        release(1, trained(5));
        release(2, trained(20));
        rollOut(1, new Lane("phone-small", 1, 1000, 0, false), new Lane("*", 2, 1000, 1, false));
        for (String deviceClass : List.of("phone-small", "tablet")) {
            try (Agent agent = TestWorld.open(world.config(deviceClass, world.aggregator)
                    .deviceClass(deviceClass)
                    .build())) {
                assertThat(agent.update()).isInstanceOf(Installation.Installed.class);
                assertThat(agent.installedVersion()).isEqualTo(deviceClass.equals("tablet") ? 2 : 1);
            }
        }
    }

    @Test
    void aPinnedVersionStaysForAsLongAsItIsReleased() throws Exception {
        release(1, trained(5));
        release(2, trained(20));
        try (Agent agent = TestWorld.open(
                world.config("agent-0", world.aggregator).pinPack(1).build())) {
            assertThat(agent.update()).isInstanceOf(Installation.Installed.class);
            rollOut(1, new Lane("*", 2, 1000, 1, false));
            assertThat(agent.update()).isEqualTo(new Installation.UpToDate(1));
            world.aggregator.repository.revoke("lights", 1);
            assertThat(agent.update()).isEqualTo(new Installation.Revoked(1, 0));
            assertThat(agent.update()).isInstanceOf(Installation.Installed.class);
            assertThat(agent.installedVersion()).isEqualTo(2);
        }
    }

    /** By the user, while the agent runs: there, back, and after a restart; the app's own word counts for more. */
    @Test
    void aUserPinsAVersionAndLetsItGo() throws Exception {
        try (Agent agent = agent()) {
            release(1, trained(5));
            agent.update();
            release(2, trained(20));
            assertThat(agent.update()).isInstanceOf(Installation.Installed.class);
            agent.pinPack(1);
            assertThat(agent.update()).isEqualTo(new Installation.Returned(2, 1));
            assertThat(agent.pinnedPack()).hasValue(1);
        }
        try (Agent agent =
                TestWorld.open(world.config("agent-0", world.aggregator).build())) {
            release(3, trained(20));
            assertThat(agent.update()).isEqualTo(new Installation.UpToDate(1));
            agent.pinPack(99);
            assertThat(agent.update()).as("as if nothing was pinned").isInstanceOf(Installation.Installed.class);
            assertThat(agent.installedVersion()).isEqualTo(3);
            agent.pinPack(2);
            assertThat(agent.update()).isEqualTo(new Installation.Returned(3, 2));
            agent.unpinPack();
            assertThat(agent.pinnedPack()).isEmpty();
            rollOut(1, new Lane("*", 3, 1000, 1, false));
            assertThat(agent.update())
                    .as("a version that was left is not installed again by itself")
                    .isEqualTo(new Installation.UpToDate(2));
            agent.pinPack(3);
            assertThat(agent.update()).as("but if its user wants it").isInstanceOf(Installation.Installed.class);
            agent.rollBack();
            assertThat(agent.update()).as("unless it was rolled back").isEqualTo(new Installation.UpToDate(2));
            assertThatThrownBy(() -> agent.pinPack(0)).isInstanceOf(IllegalArgumentException.class);
            agent.pinPack(1);
        }
        try (Agent agent = TestWorld.open(
                world.config("agent-0", world.aggregator).pinPack(2).build())) {
            assertThat(agent.update()).isEqualTo(new Installation.UpToDate(2));
            assertThat(agent.pinnedPack()).hasValue(2);
            agent.unpinPack();
        }
        try (Agent agent = agent()) {
            assertThat(agent.pinnedPack()).isEmpty();
        }
    }

    @Test
    void aRevokedPackIsDroppedThoughTheNextOneCannotBeHad() throws Exception {
        try (Agent agent = agent()) {
            release(1, trained(5));
            agent.update();
            world.aggregator.repository.revoke("lights", 1);
            release(2, trained(20));
            world.aggregator.repository.tamper(PackContents.WEIGHTS, new byte[10]);
            assertThat(agent.update()).isEqualTo(new Installation.Revoked(1, 0));
            assertThat(agent.update()).isInstanceOf(Installation.Refused.class);
            assertThat(agent.installedVersion()).isZero();
        }
    }

    private void rollOut(long sequence, Lane... lanes) {
        world.aggregator.repository.rollOut(new RolloutPolicy("lights", sequence, List.of(lanes)));
    }

    @Test
    void aRevokedPackIsDroppedForTheOneBefore() throws Exception {
        try (Agent agent = agent()) {
            release(1, trained(5));
            agent.update();
            release(2, trained(20));
            agent.update();
            world.aggregator.repository.revoke("lights", 2);
            assertThat(agent.update()).isEqualTo(new Installation.Revoked(2, 1));
            assertThat(agent.installedVersion()).isEqualTo(1);
            world.aggregator.repository.revoke("lights", 1);
            assertThat(agent.update()).isEqualTo(new Installation.Revoked(1, 0));
            assertThat(agent.predict("too dark").source()).isEqualTo(Source.BASE);
            assertThat(agent.rollBack()).isFalse();
        }
    }

    @Test
    void aPackThatIsWorseOnTheDevicesOwnExamplesIsRolledBackAndNotTriedAgain() throws Exception {
        try (Agent agent = agent()) {
            release(1, trained(20));
            agent.update();
            double before = agent.evaluate(OTHERS, Source.PACK).loss();
            release(2, contrary());
            Installation result = agent.update();
            assertThat(result).isInstanceOf(Installation.RolledBack.class);
            Installation.RolledBack back = (Installation.RolledBack) result;
            assertThat(back.lossAfter()).isGreaterThan(back.lossBefore());
            assertThat(agent.installedVersion()).isEqualTo(1);
            assertThat(agent.evaluate(OTHERS, Source.PACK).loss()).isEqualTo(before);
            assertThat(agent.update()).isEqualTo(new Installation.UpToDate(1));
        }
    }

    /** No comparison with a loss that is not a number says that it is worse. */
    @Test
    void aPackThatMakesTheLossNoNumberIsRolledBack() throws Exception {
        float[] weights = new float[world.kit.layout().count()];
        Arrays.fill(weights, Float.MAX_VALUE);
        try (Agent agent = agent()) {
            release(1, AdapterWeights.of(world.kit.layout(), weights));
            Installation result = agent.update();
            assertThat(result).isInstanceOf(Installation.RolledBack.class);
            assertThat(((Installation.RolledBack) result).lossAfter()).isNaN();
            assertThat(agent.installedVersion()).isZero();
        }
    }

    /** As after an update of the app, when skill.json says more than it did. */
    @Test
    void anInstalledPackWithAnotherFormOfSkillJsonStaysInUse() throws Exception {
        Map<String, byte[]> files = files(1, trained(20));
        files.keySet().retainAll(PackContents.NEEDED);
        files.put(PackContents.SKILL, "{\"evaluation\" : { }}".getBytes(StandardCharsets.UTF_8));
        try (Agent agent = agent()) {
            world.aggregator.repository.release(pack(1, files), files);
            assertThat(agent.update()).as("it is not installed anew").isInstanceOf(Installation.Refused.class);
        }
        try (StorageKey key = HomeKey.open(world.home("agent-0"), KeyVault.inHome())) {
            PackShelf.open(world.home("agent-0"), key).install(pack(1, files).verified(files));
        }
        try (Agent agent =
                TestWorld.open(world.config("agent-0", world.aggregator).build())) {
            assertThat(agent.installedVersion()).isEqualTo(1);
        }
    }

    @Test
    void anAppWithAnotherBaseModelDoesNotUseThePackOfTheOldOne() throws Exception {
        try (Agent agent = agent()) {
            release(1, trained(20));
            assertThat(agent.update()).isInstanceOf(Installation.Installed.class);
        }
        try (BaseModel other = TestModel.open(folder.resolve("other model"), 9);
                Agent agent = TestWorld.open(world.config("agent-0", world.aggregator)
                        .baseModel(other)
                        .build())) {
            assertThat(agent.installedVersion()).isZero();
            assertThat(agent.predict("too dark").source()).isEqualTo(Source.BASE);
        }
    }

    @Test
    void rollingBackBringsTheOldPackAndItsPersonalAdapterBack() throws Exception {
        try (Agent agent = agent()) {
            release(1, trained(5));
            agent.update();
            assertThat(agent.personalize()).isInstanceOf(Personalization.Improved.class);
            Evaluation personal = agent.evaluate(OTHERS, Source.PERSONAL);
            release(2, trained(200));
            assertThat(agent.update()).isInstanceOf(Installation.Installed.class);
            assertThat(agent.predict("too dark").source())
                    .as("the personal adapter is worse than the new pack")
                    .isEqualTo(Source.PACK);
            assertThat(agent.report().events()).extracting(Event::kind).contains(Event.Kind.PERSONAL_SET_ASIDE);
            assertThat(agent.personalizationDue()).contains(PersonalizationDue.OTHER_PACK);
            assertThat(agent.rollBack()).isTrue();
            assertThat(agent.installedVersion()).isEqualTo(1);
            assertThat(agent.evaluate(OTHERS, Source.PERSONAL)).isEqualTo(personal);
            assertThat(agent.update()).as("not installed again").isEqualTo(new Installation.UpToDate(1));
            assertThat(agent.rollBack()).isTrue();
            assertThat(agent.installedVersion()).isZero();
            assertThat(agent.rollBack()).isFalse();
        }
    }

    @Test
    void aPersonalAdapterThatIsBetterThanTheNewPackTooStaysInUse() throws Exception {
        try (Agent agent = agent()) {
            release(1, trained(5));
            agent.update();
            assertThat(agent.personalize()).isInstanceOf(Personalization.Improved.class);
            Evaluation personal = agent.evaluate(OTHERS, Source.PERSONAL);
            release(2, trained(10));
            assertThat(agent.update()).isInstanceOf(Installation.Installed.class);
            assertThat(agent.predict("too dark").source()).isEqualTo(Source.PERSONAL);
            assertThat(agent.evaluate(OTHERS, Source.PERSONAL)).isEqualTo(personal);
            assertThat(agent.report().events())
                    .extracting(Event::kind)
                    .containsExactly(
                            Event.Kind.PACK_INSTALLED,
                            Event.Kind.PERSONAL_IMPROVED,
                            Event.Kind.PACK_INSTALLED,
                            Event.Kind.PERSONAL_CARRIED_OVER);
        }
    }

    @Test
    void anInstallationThatWasCutOffLeavesTheOldPack() throws Exception {
        try (Agent agent = agent()) {
            release(1, trained(20));
            agent.update();
        }
        Files.write(world.home("agent-0").resolve("packs.new"), new byte[10_000]);
        try (Agent agent =
                TestWorld.open(world.config("agent-0", world.aggregator).build())) {
            assertThat(agent.installedVersion()).isEqualTo(1);
        }
    }

    /** Something is offered to an agent that has version 1. */
    private interface Offer {
        void to(Agent agent) throws Exception;
    }

    private void assertOldOneStays(Offer offer) throws Exception {
        try (Agent agent = agent()) {
            if (agent.installedVersion() == 0) {
                release(1, trained(20));
                assertThat(agent.update()).isInstanceOf(Installation.Installed.class);
            }
            offer.to(agent);
            assertRefused(agent, 1);
        }
    }

    private static void assertRefused(Agent agent, long versionBefore) throws Exception {
        Evaluation before = agent.evaluate(OTHERS, Source.PACK);
        assertThat(agent.update()).isInstanceOf(Installation.Refused.class);
        assertThat(agent.installedVersion()).isEqualTo(versionBefore);
        assertThat(agent.evaluate(OTHERS, Source.PACK)).isEqualTo(before);
    }

    @MustBeClosed
    private Agent agent() throws Exception {
        return world.agent("agent-0", world.aggregator, PrivacyBudget.DEFAULT);
    }

    private AdapterWeights trained(int steps) throws Exception {
        return trained(TestWorld.examples(100, 5), steps);
    }

    /** Learned from examples with the labels the wrong way round. */
    private AdapterWeights contrary() throws Exception {
        return trained(
                TestWorld.examples(100, 5).stream()
                        .map(e -> new Example(e.text(), e.label().equals("on") ? "off" : "on"))
                        .toList(),
                20);
    }

    private AdapterWeights trained(List<Example> examples, int steps) throws Exception {
        try (OwnEngines engines = new OwnEngines(1, EngineKind.ORT_TRAINING)) {
            return new Classroom(world.model, world.kit, engines)
                    .train(world.kit.initial(), List.of(), examples, steps, 0.03f, new SeededBytes(1)::fill, () -> true)
                    .weights();
        }
    }

    private void release(long version, AdapterWeights weights) {
        release("lights", version, world.model.sha256(), world.kit.sha256(), weights);
    }

    private void release(String skill, long version, String model, String kit, AdapterWeights weights) {
        Map<String, byte[]> files = files(version, weights);
        world.aggregator.repository.release(ReleasedPack.of(skill, version, model, kit, files), files);
    }

    private Map<String, byte[]> files(long version, AdapterWeights weights) {
        SkillFacts facts = new SkillFacts("lights", version, List.of(5), PrivacyFacts.none(1), List.of());
        return new PackContents(weights, facts).files(world.kit);
    }

    private ReleasedPack pack(long version, Map<String, byte[]> files) {
        return ReleasedPack.of("lights", version, world.model.sha256(), world.kit.sha256(), files);
    }
}
