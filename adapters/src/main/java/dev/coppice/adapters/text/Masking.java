package dev.coppice.adapters.text;

import dev.coppice.adapters.runtime.Batch;
import dev.coppice.crypto.RandomSource;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Set;

/**
 * Which tokens of a text are hidden so that they can be predicted, as BERT was trained (Devlin et al. 2019, appendix
 * A.1): each token that is not special is chosen with one probability; of the chosen, 80 % become the mask, 10 % any
 * token that is not special, and 10 % stay as they are.
 */
public final class Masking {
    /** The share of tokens that BERT hides. */
    public static final double USUAL_SHARE = 0.15;

    private static final double MASKED = 0.8;
    private static final double REPLACED = 0.1;
    private static final int DRAW_BYTES = 3 * Integer.BYTES;
    private static final double DRAWS = 0x1p32;

    private final int maskId;
    private final int[] ordinary;
    private final double share;

    /**
     * @param maskId stands for what is hidden
     * @param specialIds never hidden and never put in a token's place, such as start, end, padding and the mask
     * @param vocabularySize ids are below this
     * @param share probability with which a token is chosen, above 0 and at most 1
     */
    public Masking(int maskId, Set<Integer> specialIds, int vocabularySize, double share) {
        if (!(share > 0 && share <= 1) || maskId < 0 || maskId >= vocabularySize || !specialIds.contains(maskId)) {
            throw new IllegalArgumentException("a mask is a special token, and hides a share above 0 and at most 1");
        }
        boolean[] special = new boolean[vocabularySize];
        specialIds.stream().filter(id -> id >= 0 && id < vocabularySize).forEach(id -> special[id] = true);
        int[] others = new int[vocabularySize];
        int count = 0;
        for (int id = 0; id < vocabularySize; id++) {
            others[count] = id;
            count += special[id] ? 0 : 1;
        }
        if (count == 0) {
            throw new IllegalArgumentException("all tokens are special");
        }
        this.maskId = maskId;
        this.ordinary = Arrays.copyOf(others, count);
        this.share = share;
    }

    /**
     * Hides tokens where they stand.
     *
     * @return for each position its true id if it was chosen, else {@link Batch#IGNORED}
     */
    long[] hide(long[] tokens, RandomSource random) {
        long[] hidden = new long[tokens.length];
        Arrays.fill(hidden, Batch.IGNORED);
        ByteBuffer draws = ByteBuffer.wrap(random.bytes(DRAW_BYTES * tokens.length));
        for (int i = 0; i < tokens.length; i++) {
            double chosen = draw(draws);
            double fate = draw(draws);
            double other = draw(draws);
            if (chosen < share && Arrays.binarySearch(ordinary, (int) tokens[i]) >= 0) {
                hidden[i] = tokens[i];
                tokens[i] = fate < MASKED
                        ? maskId
                        : fate < MASKED + REPLACED ? ordinary[(int) (other * ordinary.length)] : tokens[i];
            }
        }
        return hidden;
    }

    /** From 0 on, below 1. */
    private static double draw(ByteBuffer draws) {
        return Integer.toUnsignedLong(draws.getInt()) / DRAWS;
    }
}
