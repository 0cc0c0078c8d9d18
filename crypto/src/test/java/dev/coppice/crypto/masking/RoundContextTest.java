package dev.coppice.crypto.masking;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.coppice.crypto.Sha256;
import dev.coppice.crypto.masking.SeedKeys.Use;
import dev.coppice.protocol.round.RevealedShare.Secret;
import dev.coppice.protocol.round.SealedShare;
import dev.coppice.testkit.SeededBytes;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What every key of a round depends on. Each line names a value that would otherwise fit in two places. */
class RoundContextTest {
    private static final byte[] TERMS = Sha256.hash(new byte[] {1});
    private static final byte[] ROOT = Sha256.hash(new byte[] {2});
    private static final byte[] OTHER = Sha256.hash(new byte[] {3});

    private final byte[] mine = secret(1);
    private final Encapsulation none = Encapsulation.none();
    private final RoundContext context = new RoundContext(TERMS, ROOT);
    private final RoundContext otherTerms = new RoundContext(OTHER, ROOT);
    private final RoundContext otherCohort = new RoundContext(TERMS, OTHER);

    @Test
    void aPairMaskIsOfItsTermsItsCohortAndItsTwoMembers() throws Exception {
        byte[] key = context.pairMaskKey(mine, none, 3, 7);
        assertThat(key)
                .isEqualTo(context.pairMaskKey(mine, none, 7, 3))
                .isNotEqualTo(otherTerms.pairMaskKey(mine, none, 3, 7))
                .isNotEqualTo(otherCohort.pairMaskKey(mine, none, 3, 7))
                .isNotEqualTo(context.pairMaskKey(mine, none, 3, 8));
    }

    @Test
    void aSelfMaskIsOfItsTermsItsCohortAndItsMember() {
        byte[] key = context.selfMaskKey(mine, 3);
        assertThat(key)
                .isNotEqualTo(otherTerms.selfMaskKey(mine, 3))
                .isNotEqualTo(otherCohort.selfMaskKey(mine, 3))
                .isNotEqualTo(context.selfMaskKey(mine, 4));
    }

    /** The server sees the check; it must not see the seed in it, nor recognise one from another round. */
    @Test
    void aSelfMasksCheckIsOfItsTermsAndNotTheSeed() {
        byte[] check = RoundContext.selfMaskCheck(TERMS, mine);
        assertThat(check).isNotEqualTo(RoundContext.selfMaskCheck(OTHER, mine)).isNotEqualTo(mine);
        assertThat(check).isNotEqualTo(Sha256.hash(mine));
    }

    @Test
    void aSealedShareIsOfItsTermsItsCohortItsSenderAndItsRecipient() {
        byte[] hash = OTHER;
        assertThat(context.sealKey(mine, none, 1, 2))
                .isNotEqualTo(otherTerms.sealKey(mine, none, 1, 2))
                .isNotEqualTo(otherCohort.sealKey(mine, none, 1, 2))
                .isNotEqualTo(context.sealKey(mine, none, 2, 1));
        assertThat(RoundContext.sealAssociated(1, 2, hash))
                .isNotEqualTo(RoundContext.sealAssociated(2, 1, hash))
                .isNotEqualTo(RoundContext.sealAssociated(1, 2, ROOT));
    }

    /** Either secret alone gives nothing, and a ciphertext that somebody else made for the same secret gives another key. */
    @Test
    void aHybridKeyIsOfBothSecretsAndOfTheCiphertext() {
        for (Keys keys : List.<Keys>of(
                (agreed, sent) -> context.pairMaskKey(agreed, sent, 3, 7),
                (agreed, sent) -> context.sealKey(agreed, sent, 3, 7))) {
            assertThat(keys.of(mine, encapsulation(1, 2)))
                    .isEqualTo(keys.of(mine, encapsulation(1, 2)))
                    .isNotEqualTo(keys.of(OTHER, encapsulation(1, 2)))
                    .isNotEqualTo(keys.of(mine, encapsulation(1, 3)))
                    .isNotEqualTo(keys.of(mine, encapsulation(2, 2)))
                    .isNotEqualTo(keys.of(mine, none));
        }
    }

    private interface Keys {
        byte[] of(byte[] agreed, Encapsulation encapsulated);
    }

    private static Encapsulation encapsulation(int ciphertext, int secret) {
        return new Encapsulation(secret(ciphertext), secret(secret));
    }

    /** Who is told the seed of one encapsulation must know nothing of another, of this round or a later one. */
    @Test
    void anEncapsulationIsOfItsTermsItsCohortItsSenderAndItsRecipient() {
        assertThat(context.maskSeed(mine, 3, 7))
                .isNotEqualTo(otherTerms.maskSeed(mine, 3, 7))
                .isNotEqualTo(otherCohort.maskSeed(mine, 3, 7))
                .isNotEqualTo(context.maskSeed(mine, 7, 3))
                .isNotEqualTo(context.maskSeed(mine, 3, 8))
                .isNotEqualTo(context.maskSeed(OTHER, 3, 7));
    }

    /** Nothing that one seed gives says anything of what else it gives, nor of what it gives in another round. */
    @Test
    void allThatASeedGivesIsDifferent() {
        Set<ByteString> given = new HashSet<>();
        for (byte[] terms : new byte[][] {TERMS, OTHER}) {
            for (Use use : Use.values()) {
                byte[] kem = SeedKeys.kemSeed(terms, use, mine);
                assertThat(given.add(ByteString.copyFrom(SeedKeys.exchangeKey(terms, use, mine))))
                        .isTrue();
                assertThat(given.add(ByteString.copyFrom(kem, 0, 32))).isTrue();
                assertThat(given.add(ByteString.copyFrom(kem, 32, 32))).isTrue();
            }
        }
        assertThat(given.add(ByteString.copyFrom(context.maskSeed(mine, 3, 7)))).isTrue();
        assertThat(given.add(ByteString.copyFrom(mine))).isTrue();
    }

    @Test
    void aBundleIsOfItsTermsItsCohortItsSenderAndAllItsShares() {
        SealedShare share = SealedShare.newBuilder().setRecipient(2).build();
        assertThat(context.signedShares(1, List.of(share)))
                .isNotEqualTo(otherTerms.signedShares(1, List.of(share)))
                .isNotEqualTo(otherCohort.signedShares(1, List.of(share)))
                .isNotEqualTo(context.signedShares(2, List.of(share)))
                .isNotEqualTo(context.signedShares(1, List.of(share, share)))
                .isNotEqualTo(context.signedShares(
                        1, List.of(share.toBuilder().setRecipient(3).build())))
                .isNotEqualTo(context.signedShares(
                        1,
                        List.of(share.toBuilder()
                                .setSealed(ByteString.copyFrom(OTHER))
                                .build())))
                .isNotEqualTo(context.signedShares(
                        1,
                        List.of(share.toBuilder()
                                .setCommitments(ByteString.copyFrom(OTHER))
                                .build())))
                .isNotEqualTo(context.signedShares(
                        1,
                        List.of(share.toBuilder()
                                .setSealCiphertext(ByteString.copyFrom(OTHER))
                                .build())))
                .isNotEqualTo(context.signedShares(
                        1,
                        List.of(share.toBuilder()
                                .setMaskCiphertext(ByteString.copyFrom(OTHER))
                                .build())));
    }

    @Test
    void aCommitmentIsOfItsTermsItsCohortItsOwnerItsHolderAndItsSecret() {
        assertThat(context.shareCommitment(Secret.SELF_MASK, 1, 2, mine))
                .isNotEqualTo(otherTerms.shareCommitment(Secret.SELF_MASK, 1, 2, mine))
                .isNotEqualTo(otherCohort.shareCommitment(Secret.SELF_MASK, 1, 2, mine))
                .isNotEqualTo(context.shareCommitment(Secret.SELF_MASK, 2, 1, mine))
                .isNotEqualTo(context.shareCommitment(Secret.MASKING_KEY, 1, 2, mine))
                .isNotEqualTo(context.keyCommitment(1, 2, mine));
        assertThat(context.keyCommitment(1, 2, mine))
                .isNotEqualTo(otherTerms.keyCommitment(1, 2, mine))
                .isNotEqualTo(otherCohort.keyCommitment(1, 2, mine))
                .isNotEqualTo(context.keyCommitment(2, 1, mine));
        assertThat(context.maskCommitment(1, 2, mine))
                .isNotEqualTo(otherTerms.maskCommitment(1, 2, mine))
                .isNotEqualTo(otherCohort.maskCommitment(1, 2, mine))
                .isNotEqualTo(context.maskCommitment(2, 1, mine))
                .isNotEqualTo(context.keyCommitment(1, 2, mine));
    }

    @Test
    void anAttestationIsOfItsTermsItsCohortItsSignerAndItsStatement() {
        assertThat(context.attested(1, mine))
                .isNotEqualTo(otherTerms.attested(1, mine))
                .isNotEqualTo(otherCohort.attested(1, mine))
                .isNotEqualTo(context.attested(2, mine))
                .isNotEqualTo(context.attested(1, OTHER));
    }

    /** The server could otherwise draw the graph again by other terms, or know it before the keys. */
    @Test
    void theGraphIsOfItsTermsAndItsCohort() {
        assertThat(context.graphSeed()).isNotEqualTo(otherTerms.graphSeed()).isNotEqualTo(otherCohort.graphSeed());
    }

    private static byte[] secret(long seed) {
        byte[] bytes = new byte[32];
        new SeededBytes(seed).fill(bytes);
        return bytes;
    }
}
