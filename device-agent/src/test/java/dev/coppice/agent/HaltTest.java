package dev.coppice.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coppice.agent.Participation.NothingToDo;
import dev.coppice.agent.Participation.Refused;
import dev.coppice.agent.checkin.Reason;
import dev.coppice.agent.policy.Obstacle;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.SignedMessages;
import dev.coppice.crypto.signing.SigningKey;
import dev.coppice.protocol.Signed;
import dev.coppice.protocol.round.TrainingHalt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The operator's latest word about training counts, whoever repeats older ones, and nobody else's. */
@Timeout(120)
class HaltTest extends InTestWorld {
    @Test
    void aHaltedDeviceTrainsNothingUntilItIsToldToGoOn() throws Exception {
        world.aggregator.open(world.terms("round-1"), TestWorld.DEVICES); // even if it is offered one
        try (Agent agent = world.agent("agent-0", world.aggregator, NO_LIMIT)) {
            say(1, true);
            assertHalted(agent);
            assertThat(agent.predict("too dark").label()).isNotEmpty();
        }
        try (Agent agent = reopened()) {
            assertThat(agent.personalize()).isInstanceOf(Personalization.NotNow.class);
            assertHalted(agent);
            say(2, false);
            world.aggregator.offerNothing();
            assertThat(agent.takePart()).isInstanceOf(NothingToDo.class);
            assertThat(agent.personalize()).isNotInstanceOf(Personalization.NotNow.class);
        }
    }

    @Test
    void anOlderWordNeitherLiftsNorHalts() throws Exception {
        try (Agent agent = world.agent("agent-0", world.aggregator, NO_LIMIT)) {
            say(7, true);
            assertHalted(agent);
            say(6, false);
            assertHalted(agent);
            say(7, false);
            assertHalted(agent);
        }
        try (Agent agent = reopened()) {
            say(1, false);
            assertHalted(agent);
            say(8, false);
            assertThat(agent.takePart()).isInstanceOf(NothingToDo.class);
            say(7, true);
            assertThat(agent.takePart()).isInstanceOf(NothingToDo.class);
        }
    }

    @Test
    void nobodyElseHaltsOrLifts() throws Exception {
        try (Agent agent = world.agent("agent-0", world.aggregator, NO_LIMIT)) {
            for (Signed forged : new Signed[] {
                order(TestWorld.key(99), Purpose.TRAINING_HALT, "people", 9, true),
                order(world.enrolmentKey, Purpose.TRAINING_HALT, "people", 9, true),
                order(world.serverKey, Purpose.DEVICE_SPENT, "people", 9, true),
                order(world.serverKey, Purpose.TRAINING_HALT, "others", 9, true),
                order(world.serverKey, Purpose.TRAINING_HALT, "people", 0, true),
                Signed.getDefaultInstance()
            }) {
                world.aggregator.say(forged);
                assertThat(((Refused) agent.takePart()).reason()).isEqualTo(Reason.TERMS_REFUSED);
                assertThat(agent.personalize()).isNotInstanceOf(Personalization.NotNow.class);
            }
            say(1, true);
            assertHalted(agent);
            world.aggregator.say(order(TestWorld.key(99), Purpose.TRAINING_HALT, "people", 9, false));
            assertThat(agent.takePart()).isInstanceOf(Refused.class);
            assertThat(agent.personalize()).isInstanceOf(Personalization.NotNow.class);
        }
    }

    private static void assertHalted(Agent agent) throws Exception {
        assertThat(((Participation.NotNow) agent.takePart()).obstacle()).isEqualTo(Obstacle.HALTED);
        assertThat(((Personalization.NotNow) agent.personalize()).obstacle()).isEqualTo(Obstacle.HALTED);
        assertThat(agent.epsilonSpent()).isZero();
    }

    @SuppressWarnings("MustBeClosed")
    private Agent reopened() throws Exception {
        return TestWorld.open(
                world.config("agent-0", world.aggregator).budget(NO_LIMIT).build());
    }

    private void say(long sequence, boolean halted) {
        world.aggregator.say(order(world.serverKey, Purpose.TRAINING_HALT, "people", sequence, halted));
    }

    private static Signed order(SigningKey key, Purpose purpose, String population, long sequence, boolean halted) {
        return SignedMessages.sign(
                key,
                purpose,
                TrainingHalt.newBuilder()
                        .setPopulation(population)
                        .setSequence(sequence)
                        .setHalted(halted)
                        .build());
    }
}
