package dev.coppice.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.model.BaseModel;
import dev.coppice.agent.policy.Consent;
import dev.coppice.testkit.ProjectFiles;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example of the README is this code, and it runs. */
class ReadmeExampleTest {
    @TempDir
    Path folder;

    @Test
    void theExampleRunsAndTheReadmeShowsIt() throws Exception {
        try (TestWorld world = new TestWorld(folder)) {
            TrustAnchors keys = new TrustAnchors(
                    world.serverKey.verifyingKey(),
                    world.enrolmentKey.verifyingKey(),
                    world.aggregator.repository.root);
            assertThat(example(folder.resolve("app"), world.model.folder(), world.spec, keys))
                    .isIn("on", "off");
        }
        Path root = ProjectFiles.root();
        String readme = Files.readString(root.resolve("device-agent/README.md"));
        String source = Files.readString(
                root.resolve("device-agent/src/test/java/dev/coppice/agent/ReadmeExampleTest.java"),
                StandardCharsets.UTF_8);
        String code = source.substring(source.indexOf("// begin\n") + 9, source.indexOf("        // end\n"));
        assertThat(readme)
                .contains(code.lines().map(l -> l.replaceFirst("^ {8}", "")).collect(Collectors.joining("\n")));
    }

    private static String example(Path home, Path modelFolder, KitSpec adapterForm, TrustAnchors keys)
            throws Exception {
        // begin
        try (BaseModel model = BaseModel.open(modelFolder);
                Agent agent = Agent.open(AgentConfig.builder(home)
                        .baseModel(model)
                        .kitSpec(adapterForm)
                        .trust(keys)
                        .server(URI.create("https://aggregator.example"))
                        .build())) {
            agent.allow(Consent.LEARN); // once, when the user has said yes; and Consent.CONTRIBUTE for rounds
            agent.addExample("it is too dark here", "on"); // stays on this device, and survives a crash
            agent.addExample("now it is bright enough", "off");

            agent.personalize(); // only for this device; used only if it is better

            if (agent.isEnrolled()) { // enrol(token) once, with a token from your backend
                Participation result = agent.takePart(); // blocks: trains, then sends a clipped, noised, masked update
                if (result instanceof Participation.NothingToDo later) {
                    System.out.println("come back in " + later.comeBack());
                }
                agent.update(); // the newest skill pack: verified, tried on held-out examples, installed or rolled back
            }
            return agent.predict("please the light").label();
        }
        // end
    }
}
