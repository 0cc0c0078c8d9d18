package dev.coppice.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.agent.Participation.DroppedOut;
import dev.coppice.agent.Participation.Refused;
import dev.coppice.agent.Participation.TookPart;
import dev.coppice.agent.checkin.Reason;
import dev.coppice.agent.store.StoreBrokenException;
import dev.coppice.agent.upload.DeviceGoneException;
import dev.coppice.agent.upload.Transport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The app is updated while its device is in a round: killed between two steps, and started again as another app, with
 * another adapter, or with a store that a later or earlier version wrote. See docs/compatibility.md.
 */
@Timeout(120)
class AppUpdateTest extends InTestWorld {
    /** All devices of the cohort get the update at once, just before the same message would leave. */
    @ParameterizedTest
    @CsvSource({"/advertise, false", "/shares, false", "/masked, true", "/attest, true", "/unmask, true"})
    void itGoesOnWithAllButTheRound(String killedAt, boolean isCharged) throws Exception {
        world.aggregator.open(world.privateTerms("round-1", 4), TestWorld.DEVICES);
        Transport killing = request -> {
            if (request.path().endsWith(killedAt)) {
                throw new DeviceGoneException("killed");
            }
            return world.aggregator.exchange(request);
        };
        double spent;
        try (Fleet fleet = new Fleet(world, NO_LIMIT, Collections.nCopies(TestWorld.DEVICES, killing))) {
            fleet.agent(0).addExamples(TestWorld.examples(40, 3));
            assertThat(fleet.agent(0).personalize()).isInstanceOf(Personalization.Improved.class);
            DroppedOut killed = (DroppedOut) fleet.takePart().get(0);
            assertThat(killed.charged()).isEqualTo(isCharged);
            spent = fleet.agent(0).epsilonSpent();
            assertThat(spent > 0).isEqualTo(isCharged);
        }
        // The same library in another app: another adapter, and so another kit. The aggregator has the old round still
        // open.
        KitSpec other = TestModel.language();
        Transport noRound = request -> {
            assertThat(request.path()).doesNotStartWith("/v1/rounds/");
            return world.aggregator.exchange(request);
        };
        try (Agent updated =
                Agent.open(world.config("agent-0", noRound).kitSpec(other).build())) {
            assertThat(updated.isEnrolled()).isTrue();
            assertThat(updated.exampleCount()).isEqualTo(60);
            assertThat(updated.epsilonSpent()).isEqualTo(spent);
            assertThat(updated.predict("too dark").source())
                    .as("what belongs to the old adapter is set aside")
                    .isEqualTo(Source.BASE);
            assertThat(((Refused) updated.takePart()).reason()).isEqualTo(Reason.OTHER_KIT);
            assertThat(updated.epsilonSpent()).as("not charged twice").isEqualTo(spent);
        }
        // And back, as when the update is withdrawn: all is as before, and the round stays over.
        try (Agent back = Agent.open(world.config("agent-0", noRound).build())) {
            assertThat(back.predict("too dark").source()).isEqualTo(Source.PERSONAL);
            assertThat(((Refused) back.takePart()).reason()).isEqualTo(Reason.ALREADY_ENTERED);
            assertThat(back.epsilonSpent()).isEqualTo(spent);
        }
        // The next one it takes part in, and pays for.
        world.aggregator.open(world.privateTerms("round-2", 4), TestWorld.DEVICES);
        try (Fleet fleet = new Fleet(world, NO_LIMIT, Collections.nCopies(TestWorld.DEVICES, world.aggregator))) {
            assertThat(fleet.agent(0).epsilonSpent()).isEqualTo(spent);
            assertThat(fleet.takePart()).hasOnlyElementsOfType(TookPart.class);
            assertThat(fleet.agent(0).epsilonSpent()).isGreaterThan(spent);
        }
    }

    /** Whatever piece of a home a later version wrote: it is refused, by name and with what to do, and nothing is cut off. */
    @Test
    void anOlderAppLeavesANewerHomeAlone() throws Exception {
        world.aggregator.open(world.terms("round-1"), TestWorld.DEVICES);
        try (Fleet fleet = new Fleet(world, NO_LIMIT, Collections.nCopies(TestWorld.DEVICES, world.aggregator))) {
            assertThat(fleet.takePart()).hasOnlyElementsOfType(TookPart.class);
            fleet.agent(0).pinPack(3);
        }
        Path home = world.home("agent-0");
        Map<String, byte[]> before = contents(home);
        assertThat(before).containsKeys("examples", "ledger", "releases", "history", "identity", "consent", "pin");
        for (String name : before.keySet()) {
            if (name.equals("key") || name.equals("lock") || name.equals("rounds")) {
                continue; // the key itself; a lock without content; and what is read only when a pack comes
            }
            byte[] newer = ofLaterForm(name, before.get(name));
            Files.write(home.resolve(name), newer);
            assertThatThrownBy(() ->
                            Agent.open(world.config("agent-0", world.aggregator).build()))
                    .as(name)
                    .isInstanceOf(StoreBrokenException.class)
                    .hasMessageContaining(name)
                    .hasMessageContaining("a later version of the app");
            assertThat(Files.readAllBytes(home.resolve(name))).as(name).isEqualTo(newer);
            Files.write(home.resolve(name), before.get(name));
        }
        try (Agent agent = Agent.open(world.config("agent-0", world.aggregator).build())) {
            assertThat(agent.exampleCount()).isEqualTo(20);
        }
    }

    /** Its last piece, as a later version would begin it. */
    private static byte[] ofLaterForm(String name, byte[] content) {
        byte[] newer = content.clone();
        boolean isJournal = List.of("examples", "ledger", "releases", "history").contains(name);
        if (!isJournal) {
            newer[0] = 2;
            return newer;
        }
        int last = 0;
        ByteBuffer frames = ByteBuffer.wrap(newer);
        for (int at = 0; at < newer.length; at += 8 + frames.getInt(at)) {
            last = at;
        }
        newer[last + 8] = 2;
        CRC32C crc = new CRC32C();
        crc.update(newer, last, 4);
        crc.update(newer, last + 8, newer.length - last - 8);
        frames.putInt(last + 4, (int) crc.getValue());
        return newer;
    }

    private static Map<String, byte[]> contents(Path home) throws IOException {
        try (Stream<Path> files = Files.list(home)) {
            return files.filter(Files::isRegularFile)
                    .collect(Collectors.toMap(
                            file -> file.getFileName().toString(), AppUpdateTest::bytes, (a, b) -> a, TreeMap::new));
        }
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
