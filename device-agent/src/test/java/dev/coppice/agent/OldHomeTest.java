package dev.coppice.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coppice.agent.checkin.Reason;
import dev.coppice.agent.policy.Consent;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A home that an earlier version left behind is read by this one: docs/compatibility.md. Each version's is kept as
 * {@code homes/<version>.zip}; {@link #main} makes one, of the version that runs it.
 */
@Timeout(120)
class OldHomeTest extends InTestWorld {
    private static final String DEVICE = "agent-0";

    /** Makes the file that is named. */
    public static void main(String[] arguments) throws Exception {
        OldHomeTest test = new OldHomeTest();
        test.folder = Files.createTempDirectory("home");
        test.makeWorld();
        test.liveAWhile();
        test.closeWorld();
        pack(test.world.home(DEVICE), Path.of(arguments[0]));
        System.exit(0);
    }

    @ParameterizedTest
    @ValueSource(strings = "0.1")
    void whatItKeptIsAllThere(String version) throws Exception {
        unpack(version, Files.createDirectories(world.home(DEVICE)));
        try (Agent agent = Agent.open(world.config(DEVICE, world.aggregator).build())) {
            assertThat(agent.examples()).hasSize(61);
            assertThat(agent.examples().get(60).isCorrection()).isTrue();
            assertThat(agent.examples().get(60).example().text()).isEqualTo("the lamp");
            assertThat(agent.isEnrolled()).isTrue();
            assertThat(Consent.values()).allMatch(agent::allows);
            assertThat(agent.epsilonSpent()).isBetween(3.9, 4.1);
            assertThat(agent.privacySpent().together().ever().participations()).isEqualTo(1);
            assertThat(agent.pinnedPack()).hasValue(7);
            assertThat(agent.report().events()).hasSizeGreaterThanOrEqualTo(2);
            world.aggregator.open(world.privateTerms("round-1", 4), TestWorld.DEVICES);
            agent.enrol(new byte[32]); // this aggregator is another
            assertThat(((Participation.Refused) agent.takePart()).reason()).isEqualTo(Reason.ALREADY_ENTERED);
            agent.addExample("still here", "on");
        }
        try (Agent agent = Agent.open(world.config(DEVICE, world.aggregator).build())) {
            assertThat(agent.exampleCount()).isEqualTo(62);
        }
    }

    /** Some of all that a home keeps. */
    private void liveAWhile() throws Exception {
        world.aggregator.open(world.privateTerms("round-1", 4), TestWorld.DEVICES);
        try (Fleet fleet = new Fleet(world, NO_LIMIT, Collections.nCopies(TestWorld.DEVICES, world.aggregator))) {
            Agent agent = fleet.agent(0);
            agent.addExamples(TestWorld.examples(40, 3));
            agent.correct("the lamp", "on");
            agent.update();
            agent.personalize();
            fleet.takePart();
            agent.pinPack(7);
        }
    }

    private static void pack(Path home, Path zip) throws IOException {
        try (Stream<Path> all = Files.walk(home);
                ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
            for (Path file : all.filter(Files::isRegularFile).sorted().toList()) {
                String name = home.relativize(file).toString();
                if (!name.equals("lock")) {
                    out.putNextEntry(new ZipEntry(name));
                    Files.copy(file, out);
                }
            }
        }
    }

    private static void unpack(String version, Path home) throws IOException {
        try (InputStream resource = Objects.requireNonNull(
                        OldHomeTest.class.getResourceAsStream("/homes/" + version + ".zip"), "no such home");
                ZipInputStream zip = new ZipInputStream(resource)) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                Path file = home.resolve(entry.getName());
                Files.createDirectories(Objects.requireNonNull(file.getParent()));
                Files.copy(zip, file);
            }
        }
    }
}
