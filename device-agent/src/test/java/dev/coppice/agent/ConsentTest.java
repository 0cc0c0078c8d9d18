package dev.coppice.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coppice.agent.checkin.Identity;
import dev.coppice.agent.policy.Consent;
import dev.coppice.agent.policy.Consents;
import dev.coppice.agent.policy.Obstacle;
import dev.coppice.agent.store.Event;
import dev.coppice.agent.store.Event.Kind;
import dev.coppice.agent.store.HomeKey;
import dev.coppice.agent.store.KeyVault;
import dev.coppice.agent.upload.Transport;
import dev.coppice.crypto.sealing.StorageKey;
import dev.coppice.testkit.SeededBytes;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Nothing happens that the user did not allow, and withdrawing stops it and deletes what came of it. */
@Timeout(120)
class ConsentTest extends InTestWorld {
    @Test
    void aNewDeviceKeepsLearnsAndSendsNothing() throws Exception {
        Transport nobody = request -> {
            throw new AssertionError("sent " + request.path());
        };
        try (Agent agent = Agent.open(world.config("agent-0", nobody).build())) {
            assertThatThrownBy(() -> agent.addExample("too dark", "on"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("Consent.LEARN")
                    .hasMessageNotContaining("dark");
            assertThatThrownBy(() -> agent.correct("too dark", "on")).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> agent.enrol(new byte[32])).isInstanceOf(IllegalStateException.class);
            assertThat(((Participation.NotNow) agent.takePart()).obstacle()).isEqualTo(Obstacle.NO_CONSENT);
            assertThat(((Personalization.NotNow) agent.personalize()).obstacle())
                    .isEqualTo(Obstacle.NO_CONSENT);
            assertThat(agent.report().allowed()).isEmpty();
        }
    }

    @Test
    void withdrawingLearningDeletesAllThatWasKeptAndLearned() throws Exception {
        try (Agent agent = world.agent("agent-0", world.aggregator, NO_LIMIT)) {
            assertThat(agent.personalize()).isInstanceOf(Personalization.Improved.class);
            agent.withdraw(Consent.LEARN);
            assertForgotten(agent);
            assertThatThrownBy(() -> agent.addExample("more", "on")).isInstanceOf(IllegalStateException.class);
        }
        try (Agent agent = Agent.open(world.config("agent-0", world.aggregator).build())) {
            assertForgotten(agent);
            assertThat(agent.allows(Consent.CONTRIBUTE)).isTrue();
            agent.allow(Consent.LEARN);
            agent.addExample("more", "on");
        }
    }

    @Test
    void forgettingDeletesTheSameAndLearningMayBeginAnew() throws Exception {
        try (Agent agent = world.agent("agent-0", world.aggregator, NO_LIMIT)) {
            agent.personalize();
            agent.forget();
            assertForgotten(agent);
            assertThat(agent.personalizationDue()).isEmpty();
            agent.addExamples(TestWorld.examples(20, 3));
            assertThat(agent.personalizationDue()).contains(PersonalizationDue.NEVER_TRAINED);
        }
    }

    private void assertForgotten(Agent agent) throws Exception {
        assertThat(agent.exampleCount()).isZero();
        assertThat(agent.predict("too dark").source()).isEqualTo(Source.BASE);
        assertThat(agent.report().events()).extracting(Event::kind).containsExactly(Kind.FORGOTTEN);
        assertThat(Files.size(world.home("agent-0").resolve("examples"))).isZero();
        assertThat(world.home("agent-0").resolve("personal")).doesNotExist();
    }

    @Test
    void withdrawingContributionDeletesTheDevicesKeyAndKeepsItsLedger() throws Exception {
        world.aggregator.open(world.privateTerms("round-1", 3), TestWorld.DEVICES);
        try (Fleet fleet =
                new Fleet(world, PrivacyBudget.DEFAULT, Collections.nCopies(TestWorld.DEVICES, world.aggregator))) {
            assertThat(fleet.takePart()).hasOnlyElementsOfType(Participation.TookPart.class);
            double spent = fleet.agent(0).epsilonSpent();
            assertThat(spent).isGreaterThan(1);
            fleet.agent(0).withdraw(Consent.CONTRIBUTE);
            assertThat(fleet.agent(0).isEnrolled()).isFalse();
            assertThat(fleet.agent(0).epsilonSpent()).isEqualTo(spent);
        }
        byte[] fresh = publicKey("agent-0");
        assertThat(fresh).isNotEqualTo(publicKey("agent-1")).isEqualTo(publicKey("agent-0"));
        try (Agent agent = Agent.open(world.config("agent-0", world.aggregator).build())) {
            assertThat(agent.isEnrolled()).isFalse();
        }
        assertThat(publicKey("agent-0")).as("no new key at each start").isEqualTo(fresh);
    }

    private byte[] publicKey(String name) throws Exception {
        try (StorageKey key = HomeKey.open(world.home(name), KeyVault.inHome());
                Identity identity = Identity.open(
                        world.home(name), key, world.enrolmentKey::verifyingKey, new SeededBytes(3)::fill)) {
            return identity.key().verifyingKey().bytes();
        }
    }

    /** Withdrawn while the device's keys are on their way: the aggregator hears nothing more. */
    @Test
    void withdrawingInTheMiddleOfARoundEndsIt() throws Exception {
        world.aggregator.open(world.terms("round-1"), TestWorld.DEVICES);
        List<String> sent = Collections.synchronizedList(new ArrayList<>());
        CompletableFuture<Agent> opened = new CompletableFuture<>();
        CompletableFuture<Void> withdrawn = new CompletableFuture<>();
        Transport transport = request -> {
            sent.add(request.path());
            if (request.path().endsWith("/advertise")) {
                withdrawOnAnotherThread(opened.join(), withdrawn);
            }
            return world.aggregator.exchange(request);
        };
        try (Agent agent = world.agent("agent-0", transport, NO_LIMIT)) {
            opened.complete(agent);
            Participation.DroppedOut result = (Participation.DroppedOut) agent.takePart();
            assertThat(result.why()).contains("does not allow");
            withdrawn.get(30, TimeUnit.SECONDS);
            assertThat(sent.get(sent.size() - 1)).endsWith("/advertise");
            assertThat(agent.isEnrolled()).isFalse();
        }
    }

    private static void withdrawOnAnotherThread(Agent agent, CompletableFuture<Void> done) throws InterruptedException {
        Thread thread = new Thread(() -> {
            try {
                agent.withdraw(Consent.CONTRIBUTE); // waits for the round to end
                done.complete(null);
            } catch (Exception e) {
                done.completeExceptionally(e);
            }
        });
        thread.start();
        while (agent.allows(Consent.CONTRIBUTE)) {
            Thread.sleep(1);
        }
    }

    /** Killed after the withdrawal was noted and before anything was deleted. */
    @Test
    void aWithdrawalThatWasCutOffIsFinishedAtTheNextStart() throws Exception {
        try (Agent agent = world.agent("agent-0", world.aggregator, NO_LIMIT)) {
            agent.personalize();
        }
        try (StorageKey key = HomeKey.open(world.home("agent-0"), KeyVault.inHome())) {
            Consents consents = Consents.open(world.home("agent-0"), key);
            consents.withdraw(Consent.LEARN);
            consents.withdraw(Consent.CONTRIBUTE);
        }
        try (Agent agent = Agent.open(world.config("agent-0", world.aggregator).build())) {
            assertForgotten(agent);
            assertThat(agent.isEnrolled()).isFalse();
        }
    }
}
