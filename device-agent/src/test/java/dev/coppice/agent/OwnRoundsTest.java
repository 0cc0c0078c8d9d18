package dev.coppice.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coppice.adapters.pack.PackContents;
import dev.coppice.adapters.pack.PrivacyFacts;
import dev.coppice.adapters.pack.Provenance;
import dev.coppice.adapters.pack.SkillFacts;
import dev.coppice.agent.Installation.Installed;
import dev.coppice.agent.Installation.Refused;
import dev.coppice.agent.policy.Consent;
import dev.coppice.agent.store.HomeKey;
import dev.coppice.agent.store.KeyVault;
import dev.coppice.agent.store.SeenRounds;
import dev.coppice.agent.store.SeenRounds.Seen;
import dev.coppice.agent.upload.Transport;
import dev.coppice.crypto.Sha256;
import dev.coppice.crypto.sealing.StorageKey;
import dev.coppice.crypto.trust.ReleasedPack;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An aggregator that lies about a round meets everybody who was in it: such a pack is installed by none of them. */
@Timeout(120)
class OwnRoundsTest extends InTestWorld {
    private static final String OTHER = "f".repeat(64);

    private final List<Transport> transports = new ArrayList<>();
    private String terms = "";
    private String transcript = "";
    private long version;

    @Test
    void whoWasInARoundInstallsNoPackThatTellsOfItOtherwise() throws Exception {
        world.aggregator.open(world.terms("round-1"), TestWorld.DEVICES);
        transports.addAll(Collections.nCopies(TestWorld.DEVICES, world.aggregator));
        try (Fleet fleet = new Fleet(world, NO_LIMIT, transports);
                Agent stranger = world.agent("stranger", world.aggregator, NO_LIMIT)) {
            assertThat(fleet.takePart()).hasOnlyElementsOfType(Participation.TookPart.class);
            Agent agent = fleet.agent(0);
            terms = HexFormat.of().formatHex(world.aggregator.termsHash());
            transcript = HexFormat.of().formatHex(world.aggregator.transcript());

            release(List.of(round("round-1", 1, terms, transcript)), List.of());
            assertThat(agent.update()).as("the truth").isInstanceOf(Installed.class);
            release(List.of(round("round-0", 1, OTHER, OTHER), round("round-1", 2, terms, transcript)), List.of());
            assertThat(agent.update()).as("a round that it was not in").isInstanceOf(Installed.class);

            assertRefused(agent, List.of(round("round-1", 1, terms, OTHER)), List.of());
            assertRefused(agent, List.of(round("round-1", 1, OTHER, transcript)), List.of());
            assertRefused(
                    agent, List.of(round("round-0", 1, OTHER, OTHER), round("round-1", 2, OTHER, OTHER)), List.of());
            assertRefused(
                    agent, List.of(round("round-0", 1, OTHER, OTHER)), List.of(round("round-1", 1, terms, OTHER)));
            assertThat(stranger.update()).as("who was not in it cannot know").isInstanceOf(Installed.class);

            fleet.agent(1).withdraw(Consent.CONTRIBUTE);
            assertThat(fleet.agent(1).update())
                    .as("what came of taking part is gone")
                    .isInstanceOf(Installed.class);
        }
        try (Agent again = world.agent("agent-0", world.aggregator, NO_LIMIT)) {
            release(List.of(round("round-1", 1, terms, OTHER)), List.of());
            assertThat(again.update()).as("after a restart").isInstanceOf(Refused.class);
        }
    }

    @Test
    void aStatementOfAnothersOrAboutOtherFilesIsNone() throws Exception {
        world.aggregator.open(world.terms("round-1"), TestWorld.DEVICES);
        transports.addAll(Collections.nCopies(TestWorld.DEVICES, world.aggregator));
        try (Fleet fleet = new Fleet(world, NO_LIMIT, transports)) {
            fleet.takePart();
            terms = HexFormat.of().formatHex(world.aggregator.termsHash());
            transcript = HexFormat.of().formatHex(world.aggregator.transcript());
            List<Provenance.Round> told = List.of(round("round-1", 1, terms, transcript));
            Map<String, byte[]> files = files();
            releaseWith(files, statement("lights", told, List.of(), files).sign(TestWorld.key(99)));
            assertRefused(fleet.agent(0), "signed");
            files = files();
            releaseWith(files, statement("others", told, List.of(), files).sign(world.serverKey));
            assertRefused(fleet.agent(0), "another skill");
            Map<String, byte[]> others = files();
            releaseWith(files(), statement("lights", told, List.of(), others).sign(world.serverKey));
            assertRefused(fleet.agent(0), "about another");
            releaseWith(files(), "{}".getBytes(StandardCharsets.UTF_8));
            assertRefused(fleet.agent(0), Provenance.FILE);
            release(told, List.of());
            assertThat(fleet.agent(0).update()).isInstanceOf(Installed.class);
        }
    }

    /** However many rounds there are, the file stays small, and the newest are in it. */
    @Test
    void itRemembersTheLastFewHundredAndFirstImpressionsStay() throws Exception {
        Files.createDirectories(world.home("alone"));
        try (StorageKey key = HomeKey.open(world.home("alone"), KeyVault.inHome())) {
            SeenRounds seen = new SeenRounds(world.home("alone"), key);
            int rounds = SeenRounds.ROUNDS_MAX + 10;
            String longest = "r".repeat(58);
            for (int i = 0; i < rounds; i++) {
                seen.keep(longest + (100_000 + i), new Seen(hash(i), hash(-i)));
            }
            seen.keep(longest + (100_000 + rounds - 1), new Seen(OTHER, OTHER));
            Map<String, Seen> all = new SeenRounds(world.home("alone"), key).all();
            assertThat(all).hasSize(SeenRounds.ROUNDS_MAX).doesNotContainKey(longest + 100_009);
            assertThat(all).containsEntry(longest + 100_010, new Seen(hash(10), hash(-10)));
            assertThat(all.get(longest + (100_000 + rounds - 1)))
                    .isEqualTo(new Seen(hash(rounds - 1), hash(1 - rounds)));
            assertThat(Files.size(world.home("alone").resolve("rounds"))).isLessThan(80_000);
        }
    }

    private void assertRefused(Agent agent, List<Provenance.Round> rounds, List<Provenance.Round> evaluations)
            throws Exception {
        release(rounds, evaluations);
        assertRefused(agent, "tells of round round-1 otherwise");
    }

    private static void assertRefused(Agent agent, String why) throws Exception {
        long before = agent.installedVersion();
        assertThat(((Refused) agent.update()).why()).contains(why);
        assertThat(agent.installedVersion()).isEqualTo(before);
    }

    private void release(List<Provenance.Round> rounds, List<Provenance.Round> evaluations) {
        Map<String, byte[]> files = files();
        releaseWith(files, statement("lights", rounds, evaluations, files).sign(world.serverKey));
    }

    /** Of the next version. */
    private Map<String, byte[]> files() {
        version++;
        SkillFacts facts = new SkillFacts("lights", version, List.of(5), PrivacyFacts.none(1), List.of());
        return new PackContents(world.kit.initial(), facts).files(world.kit);
    }

    private void releaseWith(Map<String, byte[]> files, byte[] statement) {
        Map<String, byte[]> all = new HashMap<>(files);
        all.put(Provenance.FILE, statement);
        world.aggregator.repository.release(
                ReleasedPack.of("lights", version, world.model.sha256(), world.kit.sha256(), all), all);
    }

    private Provenance statement(
            String skill,
            List<Provenance.Round> rounds,
            List<Provenance.Round> evaluations,
            Map<String, byte[]> files) {
        SortedMap<String, String> hashes = new TreeMap<>();
        files.forEach((name, content) -> hashes.put(name, Sha256.hex(content)));
        return new Provenance(
                skill, "task-1", world.model.sha256(), world.kit.sha256(), OTHER, rounds, evaluations, hashes);
    }

    private static Provenance.Round round(String id, int number, String terms, String transcript) {
        return new Provenance.Round(id, number, terms, transcript, 5, 5, OptionalDouble.empty(), OTHER);
    }

    private static String hash(int value) {
        return Sha256.hex(Integer.toString(value).getBytes(StandardCharsets.US_ASCII));
    }
}
