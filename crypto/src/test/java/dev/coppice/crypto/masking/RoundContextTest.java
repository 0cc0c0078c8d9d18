package dev.coppice.crypto.masking;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coppice.crypto.Sha256;
import dev.coppice.crypto.internal.Agreement;
import dev.coppice.testkit.SeededBytes;
import org.junit.jupiter.api.Test;

/** What every key of a round depends on. Each line names a value that would otherwise fit in two places. */
class RoundContextTest {
    private static final byte[] TERMS = Sha256.hash(new byte[] {1});
    private static final byte[] ROOT = Sha256.hash(new byte[] {2});
    private static final byte[] OTHER = Sha256.hash(new byte[] {3});

    private final byte[] mine = secret(1);
    private final byte[] theirs = Agreement.publicKey(secret(2));
    private final RoundContext context = new RoundContext(TERMS, ROOT);
    private final RoundContext otherTerms = new RoundContext(OTHER, ROOT);
    private final RoundContext otherCohort = new RoundContext(TERMS, OTHER);

    @Test
    void aPairMaskIsOfItsTermsItsCohortAndItsTwoMembers() throws Exception {
        byte[] key = context.pairMaskKey(mine, 3, theirs, 7);
        assertThat(key)
                .isEqualTo(context.pairMaskKey(mine, 7, theirs, 3))
                .isNotEqualTo(otherTerms.pairMaskKey(mine, 3, theirs, 7))
                .isNotEqualTo(otherCohort.pairMaskKey(mine, 3, theirs, 7))
                .isNotEqualTo(context.pairMaskKey(mine, 3, theirs, 8));
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
        byte[] sealed = {9};
        assertThat(context.sealingInfo())
                .isNotEqualTo(otherTerms.sealingInfo())
                .isNotEqualTo(otherCohort.sealingInfo());
        assertThat(RoundContext.sealingAssociated(1, 2)).isNotEqualTo(RoundContext.sealingAssociated(2, 1));
        assertThat(context.signedShare(1, 2, sealed))
                .isNotEqualTo(otherTerms.signedShare(1, 2, sealed))
                .isNotEqualTo(context.signedShare(2, 1, sealed))
                .isNotEqualTo(context.signedShare(1, 3, sealed));
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
