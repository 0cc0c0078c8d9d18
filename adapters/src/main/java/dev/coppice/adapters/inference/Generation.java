package dev.coppice.adapters.inference;

import dev.coppice.adapters.runtime.Cancellation;
import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.crypto.RandomSource;
import java.util.Arrays;
import java.util.Optional;

/**
 * A text that a model writes token by token, as it is asked for. All pieces together are the new text; none ends within
 * a character. One thread at a time, except for {@link #cancel}, which any thread may call. Closed before its generator
 * and its adapters are.
 */
public final class Generation implements AutoCloseable {
    private final Decoder decoder;
    private final Cancellation cancellation;
    private final Language language;
    private final GenerationSettings settings;
    private final Sampler sampler;
    private final TextPieces pieces;
    private final StopTexts stops;
    private final int promptLength;
    private int[] ids;
    private int read;
    private Optional<Ending> ending = Optional.empty();

    Generation(
            Decoder decoder,
            Cancellation cancellation,
            Language language,
            int[] prompt,
            GenerationSettings settings,
            RandomSource random) {
        this.decoder = decoder;
        this.cancellation = cancellation;
        this.language = language;
        this.settings = settings;
        this.sampler = new Sampler(settings.sampling(), random);
        this.pieces = new TextPieces(language.tokenizer(), prompt);
        this.stops = new StopTexts(settings.stopTexts());
        this.promptLength = prompt.length;
        this.ids = prompt.clone();
        sampler.see(prompt);
    }

    /**
     * The next piece of text, which is not empty; empty once the text has ended.
     *
     * @throws EngineException if the native engine fails or the model's logits are not numbers
     */
    public Optional<String> next() throws EngineException {
        while (ending.isEmpty()) {
            String piece = step();
            if (!piece.isEmpty()) {
                return Optional.of(piece);
            }
        }
        return Optional.empty();
    }

    /** Everything that is still to come, as one text. */
    public String rest() throws EngineException {
        StringBuilder text = new StringBuilder();
        for (Optional<String> piece = next(); piece.isPresent(); piece = next()) {
            text.append(piece.get());
        }
        return text.toString();
    }

    /** A copy of the new ids so far, without the one that ended the text. */
    public int[] tokens() {
        return Arrays.copyOfRange(ids, promptLength, ids.length);
    }

    /** Tokens of the prompt, the start of the text included. */
    public int promptLength() {
        return promptLength;
    }

    /** Why the text ended; empty while it goes on. */
    public Optional<Ending> ending() {
        return ending;
    }

    /** Ends the text where it is; a run that is under way is broken off. */
    public void cancel() {
        cancellation.cancel();
    }

    @Override
    public void close() {
        decoder.close();
        cancellation.close();
    }

    private String step() throws EngineException {
        Optional<Ending> limit = limit();
        if (limit.isPresent()) {
            return end(limit.get());
        }
        float[] logits;
        try {
            logits = decoder.read(Arrays.copyOfRange(ids, read, ids.length));
        } catch (EngineException e) {
            if (cancellation.isCancelled()) {
                return end(Ending.CANCELLED);
            }
            throw e;
        }
        read = ids.length;
        int id = sampler.choose(logits);
        return language.special().ends().contains(id) ? end(Ending.END_TOKEN) : add(id);
    }

    private String add(int id) {
        ids = Arrays.copyOf(ids, ids.length + 1);
        ids[read] = id;
        sampler.see(id);
        String told = stops.add(pieces.add(id));
        if (stops.found()) {
            ending = Optional.of(Ending.STOP_TEXT);
        }
        return told;
    }

    private Optional<Ending> limit() {
        if (cancellation.isCancelled()) {
            return Optional.of(Ending.CANCELLED);
        }
        if (ids.length - promptLength >= settings.tokensMax()) {
            return Optional.of(Ending.TOKENS_MAX);
        }
        return ids.length >= language.lengthMax() ? Optional.of(Ending.LENGTH_MAX) : Optional.empty();
    }

    private String end(Ending how) {
        String last = stops.add(pieces.rest()) + stops.rest();
        ending = Optional.of(stops.found() ? Ending.STOP_TEXT : how);
        return last;
    }
}
