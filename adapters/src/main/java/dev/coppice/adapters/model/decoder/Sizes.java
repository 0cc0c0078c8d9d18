package dev.coppice.adapters.model.decoder;

/**
 * Sizes of a decoder.
 *
 * @param vocabulary token ids are below this
 * @param width values of a token's hidden state
 * @param layers decoder layers
 * @param feedForward width inside the feed-forward part
 * @param lengthMax the longest text, in tokens; positions are tabled up to here
 */
public record Sizes(int vocabulary, int width, int layers, int feedForward, int lengthMax) {
    /** @throws IllegalArgumentException if a size is not positive */
    public Sizes {
        if (vocabulary < 1 || width < 1 || layers < 1 || feedForward < 1 || lengthMax < 2) {
            throw new IllegalArgumentException("no decoder has the sizes vocabulary " + vocabulary + ", width " + width
                    + ", layers " + layers + ", feed-forward " + feedForward + " and length " + lengthMax);
        }
    }
}
