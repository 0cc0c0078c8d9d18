package dev.coppice.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.adapters.text.Example;
import dev.coppice.agent.policy.Consent;
import dev.coppice.agent.store.ExampleStore;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What an app may rely on, whether its agent is real or a fake. The labels are {@code off} and {@code on}. */
@Timeout(120)
abstract class PersonalizerContract {
    /** A new agent, which is allowed nothing. */
    @MustBeClosed
    abstract Personalizer open() throws Exception;

    @Test
    void nothingIsKeptBeforeItIsAllowedOrAfter() throws Exception {
        try (Personalizer agent = open()) {
            assertThat(agent.allows(Consent.LEARN)).isFalse();
            assertThatThrownBy(() -> agent.addExample("it is dark", "on")).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> agent.correct("it is dark", "on")).isInstanceOf(IllegalStateException.class);
            agent.allow(Consent.LEARN);
            agent.addExample("it is dark", "on");
            agent.correct("it is bright", "off");
            agent.addText("please");
            assertThat(agent.exampleCount()).isEqualTo(3);
            agent.withdraw(Consent.LEARN);
            assertThat(agent.exampleCount()).isZero();
            assertThatThrownBy(() -> agent.addText("please")).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void ofExamplesThatCannotBeKeptNoneIs() throws Exception {
        try (Personalizer agent = open()) {
            agent.allow(Consent.LEARN);
            Example good = new Example("it is dark", "on");
            for (Example bad : List.of(
                    new Example("", "on"),
                    new Example("x".repeat(ExampleStore.TEXT_BYTES_MAX + 1), "on"),
                    new Example("half a pair: \ud800", "on"),
                    new Example("it is dark", "x".repeat(ExampleStore.LABEL_BYTES_MAX + 1)))) {
                assertThatThrownBy(() -> agent.addExamples(List.of(good, bad)))
                        .isInstanceOf(IllegalArgumentException.class);
                assertThat(agent.exampleCount()).isZero();
            }
        }
    }

    @Test
    void whatWasLearnedIsAnsweredUntilItIsForgotten() throws Exception {
        try (Personalizer agent = open()) {
            agent.allow(Consent.LEARN);
            assertThat(agent.personalize()).isInstanceOf(Personalization.TooFewExamples.class);
            assertThat(agent.predict("too dark here").source()).isEqualTo(Source.BASE);
            agent.addExamples(TestWorld.examples(40, 1));
            assertThat(agent.personalize()).isInstanceOf(Personalization.Improved.class);
            Prediction learned = agent.predict("dark dark");
            assertThat(learned.label()).isEqualTo("on");
            assertThat(learned.source()).isEqualTo(Source.PERSONAL);
            assertThat(learned.probability()).isBetween(0.5, 1.0);
            agent.forget();
            assertThat(agent.exampleCount()).isZero();
            assertThat(agent.predict("dark dark").source()).isEqualTo(Source.BASE);
        }
    }

    @Test
    @SuppressWarnings("try") // closed early
    void onceClosedItRefusesEverything() throws Exception {
        try (Personalizer agent = open()) {
            agent.allow(Consent.LEARN);
            agent.close();
            assertThatThrownBy(() -> agent.addText("late")).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> agent.predict("late")).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(agent::personalize).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(agent::takePart).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(agent::update).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(agent::forget).isInstanceOf(IllegalStateException.class);
        }
    }
}
