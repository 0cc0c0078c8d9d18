package dev.coppice.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.coppice.adapters.kit.Kit;
import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.runtime.EngineKind;
import dev.coppice.adapters.runtime.EngineUse;
import dev.coppice.adapters.text.Example;
import dev.coppice.agent.policy.Consent;
import dev.coppice.agent.policy.WorkPolicy;
import dev.coppice.agent.training.Classroom.Course;
import dev.coppice.agent.training.EngineSource;
import dev.coppice.agent.training.OwnEngines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What answers cost an app, and that they are those of the model that was judged. */
@Timeout(120)
class PredictionTest {
    @TempDir
    Path folder;

    /** Two paths lead to an answer, a graph that trains and one that only answers: they have to agree. */
    @Test
    void answersAreThoseOfTheModelThatWasJudged() throws Exception {
        for (KitSpec spec : List.of(TestModel.classification(), TestModel.language())) {
            try (TestWorld world = new TestWorld(folder.resolve(spec.task().name()), spec);
                    Agent agent =
                            Agent.open(world.config("agent-0", world.aggregator).build())) {
                agent.allow(Consent.LEARN);
                agent.addExamples(TestWorld.examples(40, 1));
                assertThat(agent.personalize()).isInstanceOf(Personalization.Improved.class);
                String text = "now it is too dark here please the lamp and the light";
                Prediction answer = agent.predict(text);
                if (spec.labels().isEmpty()) {
                    assertThat(answer.label()).isIn(TestModel.WORDS);
                } else {
                    Evaluation judged = agent.evaluate(List.of(new Example(text, answer.label())), Source.PERSONAL);
                    assertThat(judged.accuracy()).isEqualTo(1);
                    assertThat(judged.loss()).isEqualTo(-Math.log(answer.probability()), within(1e-5));
                }
            }
        }
    }

    @Test
    void anAnswerDoesNotWaitForTraining() throws Exception {
        CountDownLatch training = new CountDownLatch(1);
        EngineSource busy = new EngineSource() {
            @Override
            public <T> T use(Kit kit, EngineUse<T> work) throws InterruptedException {
                training.countDown();
                new CountDownLatch(1).await();
                throw new IllegalStateException("nobody counts down");
            }
        };
        try (TestWorld world = new TestWorld(folder);
                Agent agent = Agent.open(
                        world.config("agent-0", world.aggregator).engines(busy).build())) {
            agent.allow(Consent.LEARN);
            agent.addExamples(TestWorld.examples(20, 1));
            FutureTask<Personalization> work = new FutureTask<>(agent::personalize);
            Thread worker = new Thread(work);
            worker.start();
            training.await();
            assertThat(agent.predict("now it is dark").source()).isEqualTo(Source.BASE);
            worker.interrupt(); // as an app's scheduler does when the phone is needed
            worker.join();
            assertThatThrownBy(work::get).hasCauseInstanceOf(InterruptedException.class);
            agent.addExample("the lamp", "on");
        }
    }

    @Test
    void aProviderThatIsNotThereIsDoneWithout() throws Exception {
        try (TestWorld world = new TestWorld(folder)) {
            Prediction onCpu;
            try (Agent agent =
                    Agent.open(world.config("agent-0", world.aggregator).build())) {
                onCpu = agent.predict("now it is dark");
            }
            try (Agent agent = Agent.open(world.config("agent-0", world.aggregator)
                    .providers(List.of("CoreMLExecutionProvider", "NoSuchExecutionProvider"))
                    .build())) {
                assertThat(agent.predict("now it is dark")).isEqualTo(onCpu);
            }
        }
    }

    /** Memory comes back once nothing was asked for a while, and the next question finds all as it was. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void anIdleAgentGivesItsSessionsBackAndOpensThemAgain() throws Exception {
        Duration idle = Duration.ofMinutes(1);
        try (TestWorld world = new TestWorld(folder);
                Agent agent = Agent.open(AgentConfig.builder(folder.resolve("home"))
                        .baseModel(world.model)
                        .kitSpec(world.spec)
                        .offline()
                        .clock(world.clock)
                        .policy(WorkPolicy.ANY_TIME)
                        .course(new Course(6, 10, 0.02f))
                        .restAfter(idle)
                        .build())) {
            assertThat(agent.rest()).as("nothing was opened").isFalse();
            agent.allow(Consent.LEARN);
            agent.addExamples(TestWorld.examples(40, 1));
            Prediction before = agent.predict("now it is dark");
            world.clock.advance(idle.minusMillis(1));
            assertThat(agent.rest()).as("too soon").isFalse();
            world.clock.advance(Duration.ofMillis(1));
            assertThat(agent.rest()).isTrue();
            assertThat(agent.rest()).as("nothing is open any more").isFalse();
            assertThat(agent.predict("now it is dark")).isEqualTo(before);

            assertThat(agent.personalize()).isInstanceOf(Personalization.Improved.class);
            world.clock.advance(idle.negated()); // set back
            assertThat(agent.rest()).isTrue();
            assertThat(agent.rest()).isFalse();
            assertThat(agent.evaluate(TestWorld.examples(40, 2), Source.PERSONAL)
                            .accuracy())
                    .isGreaterThan(0.9);
            world.clock.advance(idle);
            assertThat(agent.rest())
                    .as("evaluating opened a session that trains")
                    .isTrue();
        }
    }

    /** A session that is lent stays, however long its work takes by the clock. */
    @Test
    void noEngineIsTakenFromWorkThatIsGoingOn() throws Exception {
        try (TestWorld world = new TestWorld(folder);
                OwnEngines engines = new OwnEngines(1, EngineKind.ORT_TRAINING, world.clock)) {
            Duration idle = Duration.ofSeconds(1);
            boolean taken = engines.use(world.kit, engine -> {
                world.clock.advance(Duration.ofHours(1));
                boolean rested = engines.rest(idle);
                engine.load(world.kit.initial());
                return rested;
            });
            assertThat(taken).isFalse();
            assertThat(engines.rest(idle)).as("it was used just now").isFalse();
            world.clock.advance(idle);
            assertThat(engines.rest(idle)).isTrue();
        }
    }

    /** Native ones too, which Java does not see. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void noThreadIsMadeByOpeningAskingTrainingOrClosing() throws Exception {
        try (TestWorld world = new TestWorld(folder);
                OwnEngines engines = new OwnEngines(1, EngineKind.ORT_TRAINING)) {
            AgentConfig config =
                    world.config("agent-0", world.aggregator).engines(engines).build();
            useOnce(config); // the virtual machine's own compilers come and go
            Set<String> before = appThreads();
            useOnce(config);
            assertThat(appThreads()).isSubsetOf(before);
        }
    }

    private static void useOnce(AgentConfig config) throws Exception {
        try (Agent agent = Agent.open(config)) {
            Set<String> opened = appThreads();
            agent.allow(Consent.LEARN);
            agent.addExamples(TestWorld.examples(20, 1));
            agent.predict("now it is dark");
            agent.personalize();
            assertThat(appThreads()).isSubsetOf(opened);
        }
    }

    /** Ids of all threads of the process but the virtual machine's own, which it names. */
    private static Set<String> appThreads() throws IOException {
        try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
            return tasks.filter(task -> !isOfTheVirtualMachine(task))
                    .map(task -> task.getFileName().toString())
                    .collect(Collectors.toSet());
        }
    }

    private static boolean isOfTheVirtualMachine(Path task) {
        try {
            String name = Files.readString(task.resolve("comm"));
            return name.startsWith("C1 Comp")
                    || name.startsWith("C2 Comp")
                    || name.startsWith("GC Thread")
                    || name.startsWith("G1 ")
                    || name.startsWith("VM ");
        } catch (IOException e) {
            return true; // it has ended meanwhile
        }
    }
}
