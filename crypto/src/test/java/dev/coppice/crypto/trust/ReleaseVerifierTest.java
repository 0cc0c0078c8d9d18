package dev.coppice.crypto.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.ByteString;
import dev.coppice.crypto.Sha256;
import dev.coppice.crypto.signing.SigningKey;
import dev.coppice.protocol.release.PackFile;
import dev.coppice.protocol.release.ReleaseManifest;
import dev.coppice.protocol.release.SignedRelease;
import dev.coppice.testkit.SeededBytes;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ReleaseVerifierTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final String MODEL = "0".repeat(64);
    private static final SigningKey ONE = key(1);
    private static final SigningKey TWO = key(2);
    private static final SigningKey THREE = key(3);
    private static final SigningKey STRANGER = key(4);
    private static final Map<String, byte[]> FILES =
            Map.of("a.json", new byte[] {1}, "b.safetensors", new byte[] {2, 3});

    private final ReleaseVerifier verifier = new ReleaseVerifier(
            ReleaseKeys.of(List.of(ONE.verifyingKey(), TWO.verifyingKey(), THREE.verifyingKey()), 2), "skill", MODEL);

    @Test
    void aReleaseSignedByEnoughKeysIsAcceptedWithItsFiles() throws Exception {
        VerifiedRelease release = verify(manifest(), ONE, THREE);
        assertThat(release.version()).isEqualTo(5);
        assertThat(release.verifyFiles(FILES).files()).containsOnlyKeys("a.json", "b.safetensors");
    }

    @Test
    void tooFewSignaturesAreRefusedHoweverTheyAreCounted() {
        assertRefused(ReleaseRefusedException.Unsigned.class, manifest());
        assertRefused(ReleaseRefusedException.Unsigned.class, manifest(), ONE);
        assertRefused(ReleaseRefusedException.Unsigned.class, manifest(), ONE, ONE);
        assertRefused(ReleaseRefusedException.Unsigned.class, manifest(), ONE, STRANGER);
    }

    @Test
    void aSignatureOfOtherBytesOrUnderAnothersNameIsRefused() {
        SignedRelease good = ReleaseSigner.sign(manifest().build(), List.of(ONE, TWO));
        SignedRelease changed = good.toBuilder()
                .setManifest(manifest().setVersion(6).build().toByteString())
                .build();
        assertRefused(ReleaseRefusedException.Unsigned.class, changed);
        SignedRelease renamed = good.toBuilder()
                .setSignatures(
                        1,
                        good.getSignatures(1).toBuilder()
                                .setKeyId(
                                        ByteString.copyFrom(THREE.verifyingKey().keyId())))
                .build();
        assertRefused(ReleaseRefusedException.Unsigned.class, renamed);
    }

    @Test
    void anotherSkillOrBaseModelIsRefused() {
        assertRefused(ReleaseRefusedException.WrongSkill.class, manifest().setSkill("other"), ONE, TWO);
        assertRefused(
                ReleaseRefusedException.WrongBaseModel.class, manifest().setBaseModelSha256("1".repeat(64)), ONE, TWO);
    }

    @Test
    void aVersionThatWasSeenOrIsOlderIsRefused() {
        assertRefused(ReleaseRefusedException.RolledBack.class, manifest().setVersion(4), ONE, TWO);
        assertRefused(ReleaseRefusedException.RolledBack.class, manifest().setVersion(3), ONE, TWO);
        assertRefused(ReleaseRefusedException.RolledBack.class, manifest().setVersion(-1), ONE, TWO);
    }

    @Test
    void aReleaseIsRefusedFromTheSecondItExpires() throws Exception {
        long now = NOW.getEpochSecond();
        assertRefused(ReleaseRefusedException.Expired.class, manifest().setExpiresEpochSeconds(now), ONE, TWO);
        assertThat(verify(manifest().setExpiresEpochSeconds(now + 1), ONE, TWO)).isNotNull();
        assertRefused(
                ReleaseRefusedException.Malformed.class, manifest().setExpiresEpochSeconds(Long.MAX_VALUE), ONE, TWO);
    }

    @Test
    void filesOutsideTheLimitsAreRefused() {
        PackFile file = manifest().getFiles(0);
        for (PackFile wrong : List.of(
                file.toBuilder().setBytes(ReleaseVerifier.FILE_BYTES_MAX + 1L).build(),
                file.toBuilder().setBytes(-1).build(),
                file.toBuilder().setName("../a.json").build(),
                file.toBuilder().setName("").build(),
                file.toBuilder().setName("a".repeat(65)).build(),
                file.toBuilder().setName("z.json").build(),
                file.toBuilder().setSha256("A".repeat(64)).build())) {
            assertRefused(ReleaseRefusedException.OverLimit.class, manifest().setFiles(0, wrong), ONE, TWO);
        }
        assertRefused(ReleaseRefusedException.OverLimit.class, manifest().clearFiles(), ONE, TWO);
        ReleaseManifest.Builder many = manifest().clearFiles();
        for (int i = 0; i <= ReleaseVerifier.FILES_MAX; i++) {
            many.addFiles(file.toBuilder().setName("file-%02d".formatted(i)));
        }
        assertRefused(ReleaseRefusedException.OverLimit.class, many, ONE, TWO);
    }

    @Test
    void anOfferWithManySignaturesIsNotEvenLookedAt() {
        SigningKey[] keys = Stream.generate(() -> ONE).limit(17).toArray(SigningKey[]::new);
        assertRefused(ReleaseRefusedException.Malformed.class, manifest(), keys);
    }

    /** What was verified is what will be installed, whoever still holds the array. */
    @Test
    void verifiedFilesDoNotChangeAfterwards() throws Exception {
        byte[] content = {1};
        VerifiedPack pack =
                verify(manifest(), ONE, TWO).verifyFiles(Map.of("a.json", content, "b.safetensors", new byte[] {2, 3}));
        content[0] = 9;
        assertThat(pack.files()).containsEntry("a.json", new byte[] {1});
    }

    @Test
    void filesThatAreChangedMissingOrTooManyAreRefused() throws Exception {
        VerifiedRelease release = verify(manifest(), ONE, TWO);
        Map<String, byte[]> files = new HashMap<>(FILES);
        files.put("a.json", new byte[] {9});
        assertDiffers(release, files);
        files.put("a.json", new byte[] {1, 1});
        assertDiffers(release, files);
        files.remove("a.json");
        assertDiffers(release, files);
        files.put("a.json", new byte[] {1});
        files.put("extra", new byte[0]);
        assertDiffers(release, files);
    }

    @Test
    void everyRuleIsCheckedInOrder() {
        ReleaseManifest.Builder wrong = manifest();
        assertRefused(ReleaseRefusedException.OverLimit.class, wrong.clearFiles(), ONE, TWO);
        assertRefused(ReleaseRefusedException.Expired.class, wrong.setExpiresEpochSeconds(1), ONE, TWO);
        assertRefused(ReleaseRefusedException.RolledBack.class, wrong.setVersion(1), ONE, TWO);
        assertRefused(ReleaseRefusedException.WrongBaseModel.class, wrong.setBaseModelSha256("1".repeat(64)), ONE, TWO);
        assertRefused(ReleaseRefusedException.WrongSkill.class, wrong.setSkill("other"), ONE, TWO);
        assertRefused(ReleaseRefusedException.Unsigned.class, wrong, ONE);
    }

    @Test
    void keysThatCannotReachTheThresholdOrAreListedTwiceAreRefused() {
        assertThatThrownBy(() -> ReleaseKeys.of(List.of(ONE.verifyingKey()), 2))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ReleaseKeys.of(List.of(ONE.verifyingKey(), ONE.verifyingKey()), 1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ReleaseKeys.of(List.of(ONE.verifyingKey()), 0))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** No bytes at all are a release, short of a forged signature. */
    @FuzzTest
    void arbitraryBytesAreRefused(byte[] bytes) {
        assertThatThrownBy(() -> verifier.verify(OfferedRelease.parse(bytes), 4, NOW))
                .isInstanceOf(ReleaseRefusedException.class);
    }

    private VerifiedRelease verify(ReleaseManifest.Builder manifest, SigningKey... keys) throws Exception {
        return verify(ReleaseSigner.sign(manifest.build(), List.of(keys)));
    }

    private VerifiedRelease verify(SignedRelease release) throws Exception {
        return verifier.verify(OfferedRelease.parse(release.toByteArray()), 4, NOW);
    }

    private void assertRefused(
            Class<? extends ReleaseRefusedException> rule, ReleaseManifest.Builder manifest, SigningKey... keys) {
        assertThatThrownBy(() -> verify(manifest, keys)).isInstanceOf(rule);
    }

    private void assertRefused(Class<? extends ReleaseRefusedException> rule, SignedRelease release) {
        assertThatThrownBy(() -> verify(release)).isInstanceOf(rule);
    }

    private static void assertDiffers(VerifiedRelease release, Map<String, byte[]> files) {
        assertThatThrownBy(() -> release.verifyFiles(files)).isInstanceOf(ReleaseRefusedException.FileDiffers.class);
    }

    private static ReleaseManifest.Builder manifest() {
        ReleaseManifest.Builder manifest = ReleaseManifest.newBuilder()
                .setSkill("skill")
                .setVersion(5)
                .setBaseModelSha256(MODEL)
                .setExpiresEpochSeconds(NOW.getEpochSecond() + 60);
        FILES.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(file -> manifest.addFiles(PackFile.newBuilder()
                        .setName(file.getKey())
                        .setBytes(file.getValue().length)
                        .setSha256(Sha256.hex(file.getValue()))));
        return manifest;
    }

    private static SigningKey key(long seed) {
        return SigningKey.generate(new SeededBytes(seed)::fill);
    }
}
