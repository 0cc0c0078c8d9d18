package dev.coppice.crypto.trust;

import static dev.coppice.crypto.trust.TestRepository.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Packs among released files, and files that are not those of a pack. */
class ReleasedPackTest {
    private static final String MODEL = "a".repeat(64);
    private static final String KIT = "b".repeat(64);
    private static final Map<String, byte[]> CONTENTS = Map.of("skill.json", bytes("{}"), "weights", bytes("w"));

    private static final Map<String, String> CUSTOM = Map.of("base-model", MODEL, "kit", KIT);

    private final ReleasedPack pack = ReleasedPack.of("lights", 2, MODEL, KIT, CONTENTS);

    @Test
    void packsAreFoundAmongReleasedFilesInTheOrderOfVersions() {
        List<TargetFile> files = new ArrayList<>();
        for (long version : new long[] {10, 2, 9}) {
            files.addAll(ReleasedPack.of("lights", version, MODEL, KIT, CONTENTS)
                    .files()
                    .values());
        }
        files.addAll(ReleasedPack.of("other", 3, MODEL, KIT, CONTENTS).files().values());
        files.add(TargetFile.of("skills/lights/readme", bytes("x"), Map.of()));
        assertThat(ReleasedPack.among(files, "lights"))
                .extracting(ReleasedPack::version)
                .containsExactly(2L, 9L, 10L);
        assertThat(ReleasedPack.among(files, "lights")).contains(pack);
    }

    @Test
    void filesThatMakeNoPackArePassedOver() {
        List<TargetFile> mixed = new ArrayList<>(pack.files().values());
        mixed.add(TargetFile.of("skills/lights/2/more", bytes("x"), Map.of("base-model", "c".repeat(64), "kit", KIT)));
        assertThat(ReleasedPack.among(mixed, "lights")).isEmpty();
        List<TargetFile> many = new ArrayList<>(pack.files().values());
        for (int i = 0; i < ReleasedPack.FILES_MAX; i++) {
            many.add(new TargetFile("skills/lights/2/f" + i, 1, MODEL, CUSTOM));
        }
        assertThat(ReleasedPack.among(many, "lights")).isEmpty();
        List<TargetFile> large =
                List.of(new TargetFile("skills/lights/2/f", ReleasedPack.FILE_BYTES_MAX + 1L, MODEL, CUSTOM));
        assertThat(ReleasedPack.among(large, "lights")).isEmpty();
        List<TargetFile> unbound = List.of(TargetFile.of("skills/lights/2/f", bytes("x"), Map.of()));
        assertThat(ReleasedPack.among(unbound, "lights")).isEmpty();
    }

    @Test
    void aPackIsForOneModelAndOneForm() {
        assertThat(pack.fits(MODEL, KIT)).isTrue();
        assertThat(pack.fits(KIT, KIT)).isFalse();
        assertThat(pack.fits(MODEL, MODEL)).isFalse();
    }

    @Test
    void filesAreVerifiedOneByOne() throws Exception {
        assertThat(pack.verified(CONTENTS).files()).containsOnlyKeys("skill.json", "weights");
        assertThat(pack.verified(Map.of("skill.json", bytes("{}"))).files()).containsOnlyKeys("skill.json");
        refused(Map.of("skill.json", bytes("{}"), "weights", bytes("v")), MetadataRefusedException.Mismatched.class);
        refused(Map.of("skill.json", bytes("{}"), "weights", bytes("ww")), MetadataRefusedException.Mismatched.class);
        Map<String, byte[]> more = new HashMap<>(CONTENTS);
        more.put("more", bytes("x"));
        refused(more, MetadataRefusedException.Missing.class);
    }

    @Test
    void verifiedFilesDoNotChangeWithTheirSource() throws Exception {
        byte[] source = bytes("w");
        VerifiedPack verified = pack.verified(Map.of("skill.json", bytes("{}"), "weights", source));
        source[0] = 'v';
        verified.files().values().forEach(copy -> copy[0] = 'x');
        assertThat(verified.files().get("weights")).isEqualTo(bytes("w"));
    }

    @Test
    void whateverDiffersGivesAnotherIdentifier() {
        assertThat(List.of(
                        pack.id(),
                        ReleasedPack.of("other", 2, MODEL, KIT, CONTENTS).id(),
                        ReleasedPack.of("lights", 3, MODEL, KIT, CONTENTS).id(),
                        ReleasedPack.of("lights", 2, KIT, KIT, CONTENTS).id(),
                        ReleasedPack.of("lights", 2, MODEL, MODEL, CONTENTS).id(),
                        ReleasedPack.of("lights", 2, MODEL, KIT, Map.of("skill.json", bytes("{}")))
                                .id()))
                .doesNotHaveDuplicates();
    }

    private void refused(Map<String, byte[]> contents, Class<? extends MetadataRefusedException> rule) {
        assertThatThrownBy(() -> pack.verified(contents)).isInstanceOf(rule);
    }
}
