package dev.coppice.simulator.signer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coppice.adapters.pack.PackRefusedException;
import dev.coppice.adapters.pack.PrivacyFacts;
import dev.coppice.adapters.pack.Provenance;
import dev.coppice.adapters.pack.Provenance.Round;
import dev.coppice.adapters.pack.SkillFacts;
import dev.coppice.crypto.Sha256;
import dev.coppice.crypto.signing.SigningKey;
import dev.coppice.simulator.signer.ProvenanceCheck.Pack;
import dev.coppice.testkit.SeededBytes;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** A holder signs no pack whose rounds are told of in another way than the pack does. */
class ProvenanceCheckTest {
    private static final SigningKey SERVER = SigningKey.generate(new SeededBytes(1)::fill);
    private static final Map<String, byte[]> FILES = Map.of("weights", bytes("w"));
    private static final Pack PACK = pack("t", "lights", "candidate", List.of(38), 7.9, 6);

    @Test
    void whatFitsIsTaken() throws Exception {
        assertThat(check(told("lights", "t", "model", "kit", "candidate", 38, 7.9))
                        .rounds())
                .hasSize(1);
    }

    @Test
    void otherRoundsThanThePacksAreRefused() {
        refused("another skill", told("other", "t", "model", "kit", "candidate", 38, 7.9));
        refused("another task", told("lights", "u", "model", "kit", "candidate", 38, 7.9));
        refused("another base model", told("lights", "t", "other", "kit", "candidate", 38, 7.9));
        refused("another kit", told("lights", "t", "model", "other", "candidate", 38, 7.9));
        refused("another candidate", told("lights", "t", "model", "kit", "other", 38, 7.9));
        refused("cohorts", told("lights", "t", "model", "kit", "candidate", 37, 7.9));
    }

    @Test
    void morePrivacyThanTheRoundsKeptIsNotPromised() throws Exception {
        refused("epsilon", told("lights", "t", "model", "kit", "candidate", 38, 8.1));
        refused("epsilon", told("lights", "t", "model", "kit", "candidate", 38, Double.POSITIVE_INFINITY));
        Provenance late = told("lights", "t", "model", "kit", "candidate", 38, 7.9);
        assertThatThrownBy(() -> check(late, pack("t", "lights", "candidate", List.of(38), 7.9, 1)))
                .isInstanceOf(PackRefusedException.class)
                .hasMessageContaining("2 rounds, not 1");
        assertThat(check(
                        told("lights", "t", "model", "kit", "candidate", 38, Double.POSITIVE_INFINITY),
                        new Pack(
                                "t",
                                hash("model"),
                                hash("kit"),
                                hash("candidate"),
                                Optional.empty(),
                                new SkillFacts("lights", 1, List.of(38), PrivacyFacts.none(1), List.of()),
                                FILES)))
                .isNotNull();
    }

    @Test
    void otherFilesAreRefused() {
        Pack swapped = new Pack(
                "t",
                hash("model"),
                hash("kit"),
                hash("candidate"),
                Optional.empty(),
                PACK.facts(),
                Map.of("weights", bytes("v")));
        Provenance told = told("lights", "t", "model", "kit", "candidate", 38, 7.9);
        assertThatThrownBy(() -> check(told, swapped)).isInstanceOf(PackRefusedException.class);
    }

    /** Its rounds cost privacy as well. */
    @Test
    void anEvaluationIsThatOfTheRoundsThatAreToldOf() throws Exception {
        Provenance bare = told("lights", "t", "model", "kit", "candidate", 38, 7.5);
        Round round = new Round("e-1", 1, hash("e"), hash("t"), 40, 40, OptionalDouble.of(7.9), hash("figures"));
        Provenance told = new Provenance(
                bare.skill(),
                bare.taskId(),
                bare.baseModelSha256(),
                bare.kitSha256(),
                bare.candidateSha256(),
                bare.rounds(),
                List.of(round),
                bare.files());
        assertThat(check(told, measured("figures", 7.9, 3)).evaluations()).containsExactly(round);
        for (Pack other :
                List.of(measured("others", 7.9, 3), measured("figures", 7.5, 3), measured("figures", 7.9, 2), PACK)) {
            assertThatThrownBy(() -> check(told, other)).isInstanceOf(PackRefusedException.class);
        }
        assertThatThrownBy(() -> check(bare, measured("figures", 7.9, 3))).isInstanceOf(PackRefusedException.class);
    }

    private static Pack measured(String figures, double epsilon, int participations) {
        Pack pack = pack("t", "lights", "candidate", List.of(38), epsilon, participations);
        return new Pack(
                "t",
                pack.baseModelSha256(),
                pack.kitSha256(),
                pack.candidateSha256(),
                Optional.of(hash(figures)),
                pack.facts(),
                FILES);
    }

    @Test
    void whatAnotherAggregatorSignedIsRefused() {
        byte[] others = told("lights", "t", "model", "kit", "candidate", 38, 7.9)
                .sign(SigningKey.generate(new SeededBytes(2)::fill));
        assertThatThrownBy(() -> new ProvenanceCheck(SERVER.verifyingKey()).verified(others, PACK))
                .isInstanceOf(PackRefusedException.class);
    }

    private static void refused(String why, Provenance told) {
        assertThatThrownBy(() -> check(told))
                .isInstanceOf(PackRefusedException.class)
                .hasMessageContaining(why);
    }

    private static Provenance check(Provenance told) throws PackRefusedException {
        return check(told, PACK);
    }

    private static Provenance check(Provenance told, Pack pack) throws PackRefusedException {
        return new ProvenanceCheck(SERVER.verifyingKey()).verified(told.sign(SERVER), pack);
    }

    private static Pack pack(
            String task, String skill, String candidate, List<Integer> cohorts, double epsilon, int participations) {
        PrivacyFacts privacy = new PrivacyFacts("distributed-discrete-gaussian", epsilon, 1e-8, 2, participations);
        SkillFacts facts = new SkillFacts(skill, 1, cohorts, privacy, List.of());
        return new Pack(task, hash("model"), hash("kit"), hash(candidate), Optional.empty(), facts, FILES);
    }

    private static Provenance told(
            String skill, String task, String model, String kit, String candidate, int inSum, double epsilon) {
        TreeMap<String, String> files = new TreeMap<>();
        FILES.forEach((name, content) -> files.put(name, Sha256.hex(content)));
        OptionalDouble spent = Double.isInfinite(epsilon) ? OptionalDouble.empty() : OptionalDouble.of(epsilon);
        Round round = new Round(task + "-2", 2, hash("terms"), hash("transcript"), 40, inSum, spent, hash(candidate));
        return new Provenance(skill, task, hash(model), hash(kit), hash(candidate), List.of(round), List.of(), files);
    }

    private static String hash(String of) {
        return Sha256.hex(bytes(of));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
