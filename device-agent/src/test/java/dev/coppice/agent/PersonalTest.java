package dev.coppice.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coppice.adapters.text.Example;
import dev.coppice.agent.store.HomeInUseException;
import dev.coppice.agent.training.Classroom.Course;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What an agent does for its own user, without any round. */
@Timeout(120)
class PersonalTest {
    @TempDir
    Path folder;

    @Test
    void aPersonalAdapterThatIsBetterIsUsedAndSurvivesARestart() throws Exception {
        List<Example> others = TestWorld.examples(100, 99);
        try (TestWorld world = new TestWorld(folder)) {
            Evaluation after;
            try (Agent agent = world.agent("agent-0", world.aggregator, PrivacyBudget.DEFAULT)) {
                double before = agent.evaluate(others, Source.BASE).loss();
                assertThat(agent.predict("now it is dark").source()).isEqualTo(Source.BASE);
                Personalization result = agent.personalize();
                assertThat(result).isInstanceOf(Personalization.Improved.class);
                after = agent.evaluate(others, Source.PERSONAL);
                assertThat(after.loss()).isLessThan(before - 0.1);
                assertThat(after.accuracy()).isGreaterThan(0.8);
            }
            try (Agent agent =
                    TestWorld.open(world.config("agent-0", world.aggregator).build())) {
                Prediction answer = agent.predict("now it is dark");
                assertThat(answer.source()).isEqualTo(Source.PERSONAL);
                assertThat(answer.label()).isEqualTo("on");
                assertThat(answer.probability()).isBetween(0.5, 1.0);
                assertThat(agent.predict("bright enough").label()).isEqualTo("off");
                assertThat(agent.evaluate(others, Source.PERSONAL)).isEqualTo(after);
            }
        }
    }

    /** The held-out examples say the opposite of the others, so that whatever training learns is wrong for them. */
    @Test
    void aPersonalAdapterThatIsWorseOnWhatWasHeldOutIsNotUsed() throws Exception {
        try (TestWorld world = new TestWorld(folder);
                Agent agent = TestWorld.open(world.config("agent-0", world.aggregator)
                        .course(new Course(3, 30, 0.05f))
                        .build())) {
            for (int i = 0; i < 20; i++) {
                agent.addExample("the light", i >= 16 ? "off" : "on");
            }
            Prediction before = agent.predict("the light");
            assertThat(agent.personalize()).isInstanceOf(Personalization.KeptOld.class);
            assertThat(agent.predict("the light")).isEqualTo(before);
        }
    }

    /** What the app tests says the opposite of what the user does. */
    @Test
    void aPersonalAdapterThatHasUnlearnedWhatTheAppTestsIsNotUsed() throws Exception {
        List<Example> tests = TestWorld.examples(60, 7);
        List<Example> contrary = tests.stream()
                .map(test -> new Example(test.text(), test.label().equals("on") ? "off" : "on"))
                .toList();
        try (TestWorld world = new TestWorld(folder)) {
            try (Agent agent = world.agent("agent-0", world.aggregator, PrivacyBudget.DEFAULT)) {
                assertThat(agent.personalize()).isInstanceOf(Personalization.Improved.class);
            }
            for (boolean against : new boolean[] {true, false}) {
                try (Agent agent = TestWorld.open(world.config("agent-" + against, world.aggregator)
                        .tests(against ? contrary : tests)
                        .build())) {
                    agent.addExamples(TestWorld.examples(20, "agent-0".hashCode()));
                    assertThat(agent.personalize())
                            .isInstanceOf(against ? Personalization.Forgot.class : Personalization.Improved.class);
                    assertThat(agent.predict("too dark").source()).isEqualTo(against ? Source.BASE : Source.PERSONAL);
                }
            }
        }
    }

    @Test
    void trainingIsDueForMoreExamplesAndForOnesThatAreAnsweredWorse() throws Exception {
        try (TestWorld world = new TestWorld(folder);
                Agent agent = world.agent("agent-0", world.aggregator, PrivacyBudget.DEFAULT)) {
            agent.addExamples(TestWorld.examples(80, 4));
            assertThat(agent.personalizationDue()).contains(PersonalizationDue.NEVER_TRAINED);
            assertThat(agent.personalize()).isInstanceOf(Personalization.Improved.class);
            assertThat(agent.personalizationDue()).isEmpty();
            agent.addExamples(TestWorld.examples(20, 5));
            assertThat(agent.personalizationDue()).as("more of the same").isEmpty();
            for (Example example : TestWorld.examples(4, 6)) {
                agent.correct(example.text(), example.label().equals("on") ? "off" : "on");
            }
            assertThat(agent.personalizationDue()).as("four of twenty").isEmpty();
            agent.addExamples(TestWorld.examples(2, 6));
            assertThat(agent.personalizationDue()).contains(PersonalizationDue.MORE_EXAMPLES);
        }
    }

    @Test
    void whatIsAnsweredWorseThanBeforeIsADrift() throws Exception {
        try (TestWorld world = new TestWorld(folder);
                Agent agent = world.agent("agent-0", world.aggregator, PrivacyBudget.DEFAULT)) {
            agent.addExamples(TestWorld.examples(80, 4));
            assertThat(agent.personalize()).isInstanceOf(Personalization.Improved.class);
            for (Example example : TestWorld.examples(15, 6)) {
                agent.correct(example.text(), example.label().equals("on") ? "off" : "on");
            }
            assertThat(agent.personalizationDue()).contains(PersonalizationDue.DRIFTED);
        }
    }

    @Test
    void goingBackFromAPersonalAdapterBringsTheOneBeforeAndThenThePack() throws Exception {
        List<Example> others = TestWorld.examples(100, 99);
        try (TestWorld world = new TestWorld(folder);
                Agent agent = world.agent("agent-0", world.aggregator, PrivacyBudget.DEFAULT)) {
            assertThat(agent.rollBackPersonal()).isFalse();
            assertThat(agent.personalize()).isInstanceOf(Personalization.Improved.class);
            Evaluation first = agent.evaluate(others, Source.PERSONAL);
            agent.addExamples(TestWorld.examples(80, 4));
            assertThat(agent.personalize()).isInstanceOf(Personalization.Improved.class);
            assertThat(agent.evaluate(others, Source.PERSONAL).loss()).isLessThan(first.loss());
            assertThat(agent.rollBackPersonal()).isTrue();
            assertThat(agent.evaluate(others, Source.PERSONAL)).isEqualTo(first);
            assertThat(agent.rollBackPersonal()).isTrue();
            assertThat(agent.predict("too dark").source()).isEqualTo(Source.BASE);
        }
    }

    @Test
    void theReportTellsWhatWasLearnedWithoutAWordOfIt() throws Exception {
        try (TestWorld world = new TestWorld(folder);
                Agent agent = world.agent("agent-0", world.aggregator, PrivacyBudget.DEFAULT)) {
            agent.correct("the secret lamp", "on");
            agent.addExamples(TestWorld.examples(80, 4));
            agent.personalize();
            Report report = agent.report();
            assertThat(report.examples()).isEqualTo(101);
            assertThat(report.corrections()).isEqualTo(1);
            assertThat(report.sentences(ZoneOffset.UTC))
                    .contains("Answers come from what was learned from you.", "It has given nothing to others.")
                    .anyMatch(line -> line.startsWith("2 Jan 2026 00:00: learned from 101 examples; the error"))
                    .noneMatch(line -> line.contains("secret"));
        }
    }

    @Test
    void withoutExamplesToJudgeByNothingIsTrained() throws Exception {
        try (TestWorld world = new TestWorld(folder);
                Agent agent =
                        TestWorld.open(world.config("agent-0", world.aggregator).build())) {
            agent.addExample("the lamp", "on");
            agent.addExample("the lamp", "a label that the kit does not know");
            assertThat(agent.personalize()).isEqualTo(new Personalization.TooFewExamples(1, 0));
        }
    }

    @Test
    void languageModelsLearnWhatComesNext() throws Exception {
        try (TestWorld world = new TestWorld(folder, TestModel.language());
                Agent agent =
                        TestWorld.open(world.config("agent-0", world.aggregator).build())) {
            for (int i = 0; i < 20; i++) {
                agent.addText("please the lamp now it is too dark here");
            }
            List<Example> unseen = List.of(new Example("please the lamp now it is too dark", ""));
            Evaluation before = agent.evaluate(unseen, Source.PERSONAL);
            assertThat(before.positions()).isEqualTo(9);
            assertThat(agent.personalize()).isInstanceOf(Personalization.Improved.class);
            assertThat(agent.evaluate(unseen, Source.PERSONAL).loss()).isLessThan(before.loss());
            assertThat(agent.predict("please").label()).isIn(TestModel.WORDS);
            assertThat(agent.predict("please the lamp now it is too dark here and so on and so on")
                            .probability())
                    .isBetween(0.0, 1.0);
        }
    }

    @Test
    void oneHomeHasOneAgent() throws Exception {
        try (TestWorld world = new TestWorld(folder)) {
            AgentConfig config = world.config("agent-0", world.aggregator).build();
            try (Agent first = TestWorld.open(config)) {
                assertThatThrownBy(() -> {
                            try (Agent second = TestWorld.open(config)) {
                                assertThat(second).isNull();
                            }
                        })
                        .isInstanceOf(HomeInUseException.class);
                first.addText("still open");
            }
            try (Agent again = TestWorld.open(config)) {
                assertThat(again.exampleCount()).isEqualTo(1);
            }
        }
    }

    @Test
    @SuppressWarnings("try") // closed early
    void aClosedAgentRefusesEverythingAndClosesOnceMore() throws Exception {
        try (TestWorld world = new TestWorld(folder);
                Agent agent =
                        TestWorld.open(world.config("agent-0", world.aggregator).build())) {
            agent.close();
            assertThatThrownBy(() -> agent.addText("late")).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(agent::takePart).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(agent::personalize).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void theKeyIsReadableForItsOwnerOnly() throws Exception {
        try (TestWorld world = new TestWorld(folder);
                Agent agent =
                        TestWorld.open(world.config("agent-0", world.aggregator).build())) {
            assertThat(agent.isEnrolled()).isFalse();
            Path key = world.home("agent-0").resolve("identity");
            if (key.getFileSystem().supportedFileAttributeViews().contains("posix")) {
                assertThat(Files.getPosixFilePermissions(key).toString()).doesNotContain("GROUP", "OTHERS");
            }
        }
    }
}
