package dev.coppice.adapters.model.decoder;

/**
 * Heads of attention. With fewer key than query heads, each key head serves a group of neighbouring query heads
 * (grouped-query attention, Ainslie et al. 2023).
 *
 * @param queries query heads, a multiple of {@code keys}
 * @param keys heads of keys and of values
 * @param width values of one head, even
 */
public record Heads(int queries, int keys, int width) {
    /** @throws IllegalArgumentException if a size is not positive, odd or does not divide */
    public Heads {
        if (queries < 1 || keys < 1 || width < 2 || queries % keys != 0 || width % 2 != 0) {
            throw new IllegalArgumentException(
                    "attention cannot have " + queries + " query and " + keys + " key heads of width " + width);
        }
    }

    int queryWidth() {
        return queries * width;
    }

    int keyWidth() {
        return keys * width;
    }

    boolean grouped() {
        return queries != keys;
    }
}
