package dev.coppice.crypto.trust;

import static dev.coppice.crypto.trust.TestRepository.bytes;
import static dev.coppice.crypto.trust.TestRepository.holder;
import static dev.coppice.crypto.trust.TestRepository.keys;
import static dev.coppice.crypto.trust.TestRepository.signed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.crypto.signing.SignatureAlgorithm;
import dev.coppice.crypto.signing.VerifyingKey;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Signatures that look like enough and are not. */
class ThresholdAttackTest {
    private final TestRepository repository = new TestRepository();

    @Test
    void eachRoleNeedsItsThreshold() {
        unsigned(r -> r.publishTimestamp(List.of()));
        unsigned(r -> r.publishSnapshot(List.of()));
        unsigned(r -> {
            r.targetsHolders = List.of(r.targetsHolders.get(0), holder("nobody"));
            r.publish();
        });
        unsigned(r -> r.rotate(r.rootHolders.subList(0, 2)));
    }

    @Test
    void signaturesOfOtherRolesDoNotCount() {
        unsigned(r -> r.publishTimestamp(r.snapshotHolders));
        unsigned(r -> r.publishSnapshot(r.timestampHolders));
        unsigned(r -> {
            r.targetsHolders = r.rootHolders;
            r.publish();
        });
    }

    @Test
    void ed25519SignaturesAloneDoNotSuffice() {
        unsigned(r -> r.change("metadata/timestamp.json", file -> without(file, SignatureAlgorithm.ML_DSA_65)));
    }

    @Test
    void mlDsaSignaturesAloneDoNotSuffice() {
        unsigned(r -> r.change("metadata/timestamp.json", file -> without(file, SignatureAlgorithm.ED25519)));
    }

    @Test
    void oneHolderWithTwoKeysDoesNotCountTwice() {
        Signatory one = repository.targetsHolders.get(0);
        Signatory two = repository.targetsHolders.get(1);
        RoleKeys keys = keys(repository.targetsHolders, 2);
        SignedFile draft = repository.targets.draft();
        assertThat(draft.signedBy(one).isSignedBy(keys)).isFalse();
        assertThat(draft.signedBy(one).signedBy(one).isSignedBy(keys)).isFalse();
        assertThat(draft.signedBy(one).signedBy(two).isSignedBy(keys)).isTrue();
    }

    @Test
    void aKeyListedTwiceIsRefused() throws Exception {
        VerifyingKey key = holder("timestamp0").keys().ed25519();
        String listed = "\"keyids\":[\"" + TufKeys.id(key) + "\"";
        byte[] root = bytes(new String(repository.pinned.file(), StandardCharsets.UTF_8)
                .replace(listed, listed + ",\"" + TufKeys.id(key) + "\""));
        assertThatThrownBy(() -> TrustedRoot.pinned(root))
                .isInstanceOf(MetadataRefusedException.Malformed.class)
                .hasMessageContaining("twice");
    }

    @Test
    void aKeyUnderAnotherIdentifierIsRefused() {
        String id = TufKeys.id(holder("timestamp0").keys().ed25519());
        byte[] root = bytes(new String(repository.pinned.file(), StandardCharsets.UTF_8).replace(id, "f".repeat(64)));
        assertThatThrownBy(() -> TrustedRoot.pinned(root))
                .isInstanceOf(MetadataRefusedException.Malformed.class)
                .hasMessageContaining("identifier");
    }

    @Test
    void aSignatureThatStandsTwiceIsRefused() {
        repository.change("metadata/timestamp.json", file -> {
            String text = new String(file, StandardCharsets.UTF_8);
            String first = text.substring(text.indexOf("[{") + 1, text.indexOf("},") + 1);
            return bytes(text.replace("[{", "[" + first + ",{"));
        });
        refused(MetadataRefusedException.Malformed.class);
    }

    @Test
    void nobodySignsWhereTheThresholdIsAboveTheNumberOfKeys() throws Exception {
        Map<Role, RoleKeys> roles = new EnumMap<>(repository.roles());
        roles.put(Role.SNAPSHOT, keys(repository.snapshotHolders, 2));
        repository.root = new RootMetadata(2, repository.root.expires(), roles);
        repository.publishRoot(repository.rootHolders);
        refused(MetadataRefusedException.Unsigned.class);
    }

    @Test
    void keysWithoutTheirPairsOfTheOtherAlgorithmCannotSign() {
        List<VerifyingKey> classical = repository.timestampHolders.stream()
                .map(h -> h.keys().ed25519())
                .toList();
        Map<Role, RoleKeys> roles = new EnumMap<>(repository.roles());
        roles.put(Role.TIMESTAMP, new RoleKeys(classical, List.of(), 1));
        repository.root = new RootMetadata(2, repository.root.expires(), roles);
        repository.publishRoot(repository.rootHolders);
        refused(MetadataRefusedException.Unsigned.class);
    }

    @Test
    void changedMetadataIsRefused() {
        repository.change(
                "metadata/timestamp.json",
                file -> bytes(new String(file, StandardCharsets.UTF_8).replace("\"version\":1}}", "\"version\":9}}")));
        assertThatThrownBy(repository::refresh).isInstanceOf(MetadataRefusedException.Unsigned.class);
    }

    @Test
    void aMemberThatStandsTwiceIsRefused() {
        repository.change(
                "metadata/timestamp.json",
                file -> bytes(
                        new String(file, StandardCharsets.UTF_8).replace("\"_type\"", "\"version\":7,\"_type\"")));
        refused(MetadataRefusedException.Malformed.class);
    }

    @Test
    void fieldsThatAreNotKnownAreSignedLikeAllOthers() throws Exception {
        var signed = repository.timestamp.draft().signed().deepCopy();
        ((ObjectNode) signed).put("x-new", "value");
        byte[] file = signed(SignedFile.unsigned((ObjectNode) signed), repository.timestampHolders);
        repository.files.put("metadata/timestamp.json", file);
        repository.refresh();
        repository.kept.byRole.clear();
        repository.files.put(
                "metadata/timestamp.json",
                bytes(new String(file, StandardCharsets.UTF_8).replace("\"value\"", "\"other\"")));
        refused(MetadataRefusedException.Unsigned.class);
    }

    private void refused(Class<? extends MetadataRefusedException> rule) {
        assertThatThrownBy(repository::refresh).isInstanceOf(rule);
    }

    private interface Change {
        void to(TestRepository repository);
    }

    private static void unsigned(Change change) {
        TestRepository changed = new TestRepository();
        change.to(changed);
        assertThatThrownBy(changed::refresh).isInstanceOf(MetadataRefusedException.Unsigned.class);
    }

    /** A file with the signatures of one algorithm taken away; they tell themselves apart by their lengths. */
    private static byte[] without(byte[] file, SignatureAlgorithm algorithm) {
        try {
            var tree = (ObjectNode) MetadataJson.parse(file);
            var signatures = (ArrayNode) tree.path("signatures");
            for (int i = signatures.size() - 1; i >= 0; i--) {
                if (signatures.path(i).path("sig").asText().length() == 2 * algorithm.signatureBytes()) {
                    signatures.remove(i);
                }
            }
            return MetadataJson.file(tree);
        } catch (MetadataRefusedException e) {
            throw new AssertionError(e);
        }
    }
}
