package dev.coppice.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coppice.adapters.model.BaseModel;
import dev.coppice.agent.Agent;
import dev.coppice.agent.Personalizer;
import dev.coppice.agent.policy.Consent;
import dev.coppice.agent.testing.FakeAgent;
import dev.coppice.testkit.ProjectFiles;
import java.io.BufferedReader;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class AssistantTest {
    /** How one user calls things, and no text that the model was made from does. */
    private static final List<List<String>> OWN_WORDS = List.of(
            List.of("sesame", "door_unlock"),
            List.of("moonshine", "lights_dim"),
            List.of("brew up", "coffee_make"),
            List.of("hush", "music_stop"));

    private static final List<String> AROUND =
            List.of("%s", "%s please", "now %s", "hey %s", "%s now", "do the %s", "%s again", "quick %s");

    @TempDir
    Path folder;

    /** As an app tests its own code: no model, no files. */
    @Test
    void whatIsCorrectedIsLearnedByAFakeAgentToo() throws Exception {
        try (FakeAgent agent = new FakeAgent("lights_on", "door_unlock")) {
            assertThat(talk(agent, "sesame", "no door_unlock"))
                    .containsExactly("lights_on (50 %)", "you do not want me to keep anything");
            agent.allow(Consent.LEARN);
            List<String> lines = new ArrayList<>();
            for (int i = 0; i < FakeAgent.EXAMPLES_MIN; i++) {
                lines.addAll(List.of("open sesame " + i, "no door_unlock"));
            }
            lines.addAll(List.of("no such_label", "learn", "open sesame", "forget", "open sesame"));
            assertThat(talk(agent, lines.toArray(String[]::new)))
                    .contains("kept; that makes 5", "I know these: lights_on, door_unlock")
                    .endsWith(
                            "better: loss 0.69 before, 0.00 now",
                            "door_unlock (100 %)",
                            "forgotten",
                            "lights_on (50 %)");
        }
    }

    @Test
    void aRealAgentGetsBetterAtItsUsersWords() throws Exception {
        try (BaseModel model = BaseModel.open(ProjectFiles.root().resolve("models/pico"));
                Agent agent = Agent.open(Assistant.config(model, folder.resolve("home")))) {
            agent.allow(Consent.LEARN);
            int before = right(agent, "well %s");
            for (String around : AROUND) {
                for (List<String> own : OWN_WORDS) {
                    talk(agent, around.formatted(own.get(0)), "no " + own.get(1));
                }
            }
            assertThat(talk(agent, "learn")).first().asString().startsWith("better");
            assertThat(right(agent, "well %s")).isGreaterThan(before);
        }
    }

    private static int right(Personalizer agent, String around) throws Exception {
        int right = 0;
        for (List<String> own : OWN_WORDS) {
            right += talk(agent, around.formatted(own.get(0))).get(0).startsWith(own.get(1) + " ") ? 1 : 0;
        }
        return right;
    }

    private static List<String> talk(Personalizer agent, String... lines) throws Exception {
        StringWriter said = new StringWriter();
        List<String> labels = agent instanceof FakeAgent
                ? List.of("lights_on", "door_unlock")
                : OWN_WORDS.stream().map(own -> own.get(1)).toList();
        new Assistant(agent, labels, new PrintWriter(said, true))
                .talk(new BufferedReader(new StringReader(String.join("\n", lines))));
        return said.toString().lines().toList();
    }
}
