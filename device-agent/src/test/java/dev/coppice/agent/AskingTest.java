package dev.coppice.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coppice.agent.escalation.EscalationRules;
import dev.coppice.agent.escalation.LargerModel;
import dev.coppice.agent.escalation.Reply;
import dev.coppice.agent.escalation.Reply.Why;
import dev.coppice.agent.policy.Consent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An agent that may ask somebody larger. */
@Timeout(120)
class AskingTest {
    @TempDir
    Path folder;

    private final List<String> asked = new ArrayList<>();
    private final LargerModel larger = (question, labels) -> {
        asked.add(question.text());
        return "on";
    };

    @Test
    void onlyWhatTheUserAllowsAndTheDeviceIsNotSureOfIsAskedAndARestartDoesNotRefreshTheBudget() throws Exception {
        EscalationRules never = new EscalationRules(larger, 1, 0, 1, () -> List.of("Anna"));
        try (TestWorld world = new TestWorld(folder)) {
            AgentConfig config =
                    world.config("agent-0", world.aggregator).escalation(never).build();
            try (Agent agent = Agent.open(config)) {
                assertThat(why(agent.ask("the lamp, Anna"))).isEqualTo(Why.NOT_ALLOWED);
                assertThat(asked).isEmpty();
                agent.allow(Consent.ASK_ONLINE);
                Reply reply = agent.ask("the lamp, Anna, 5");
                assertThat(reply).isInstanceOf(Reply.FromLargerModel.class);
                assertThat(reply.label()).isEqualTo("on");
                assertThat(asked).containsExactly("the lamp, [NAME], [NUMBER]");
            }
            try (Agent agent = Agent.open(config)) {
                assertThat(why(agent.ask("the lamp"))).isEqualTo(Why.BUDGET_SPENT);
                agent.withdraw(Consent.ASK_ONLINE);
                assertThat(why(agent.ask("the lamp"))).isEqualTo(Why.NOT_ALLOWED);
            }
        }
        assertThat(asked).hasSize(1);
    }

    /** Half of all answers are wrong, whatever the text says: nobody should be sure. */
    @Test
    void howSureItIsItLearnsFromItsHeldOutExamples() throws Exception {
        try (TestWorld world = new TestWorld(folder);
                Agent agent = Agent.open(world.config("agent-0", world.aggregator)
                        .escalation(EscalationRules.of(larger))
                        .build())) {
            agent.allow(Consent.LEARN);
            agent.allow(Consent.ASK_ONLINE);
            agent.addExamples(TestWorld.examples(100, 1));
            assertThat(agent.personalize()).isInstanceOf(Personalization.Improved.class);
            assertThat(why(agent.ask("it is too dark here"))).isEqualTo(Why.SURE);
            for (int i = 0; i < 200; i++) {
                agent.addExample("it is too dark here", i % 2 == 0 ? "on" : "off");
            }
            assertThat(why(agent.ask("it is too dark here"))).isEqualTo(Why.UNSURE);
        }
    }

    @Test
    void withNobodyToAskTheDeviceAnswersAndALanguageModelHasNoLabels() throws Exception {
        try (TestWorld world = new TestWorld(folder.resolve("labels"));
                Agent agent =
                        Agent.open(world.config("agent-0", world.aggregator).build())) {
            assertThat(why(agent.ask("the lamp"))).isEqualTo(Why.NOBODY_TO_ASK);
        }
        try (TestWorld world = new TestWorld(folder.resolve("words"), TestModel.language());
                Agent agent =
                        Agent.open(world.config("agent-0", world.aggregator).build())) {
            assertThatThrownBy(() -> agent.ask("the lamp")).isInstanceOf(IllegalStateException.class);
        }
    }

    private static Why why(Reply reply) {
        return reply instanceof Reply.FromDevice own ? own.why() : ((Reply.FromLargerModel) reply).why();
    }
}
