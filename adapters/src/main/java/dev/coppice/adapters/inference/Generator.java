package dev.coppice.adapters.inference;

import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.adapters.model.BaseModel;
import dev.coppice.adapters.model.ModelFiles;
import dev.coppice.adapters.model.ModelRefusedException;
import dev.coppice.adapters.runtime.Cancellation;
import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.adapters.runtime.SessionSettings;
import dev.coppice.crypto.RandomSource;
import java.io.IOException;
import java.util.Arrays;

/**
 * A language model that goes on with texts. A model with inputs for a cache ({@code past_key_values.*}, {@code past_*})
 * reads each token once; one without reads the whole text again for every token, see {@link #remembers}. Thread-safe:
 * any number of texts may be written at once, with the same or other adapters; {@link #close} waits for runs under way.
 *
 * <pre>{@code
 * try (Generator generator = Generator.open(model, AdapterTargets.of(adapters), 1);
 *         AdapterStack stack = AdapterStack.of(adapters);
 *         Generation text = generator.generate("Once", stack, GenerationSettings.greedy(50), random)) {
 *     for (var piece = text.next(); piece.isPresent(); piece = text.next()) {
 *         System.out.print(piece.get());
 *     }
 * }
 * }</pre>
 */
public final class Generator implements AutoCloseable {
    private final Language language;
    private final AdaptedSession session;

    private Generator(Language language, AdaptedSession session) {
        this.language = language;
        this.session = session;
    }

    /**
     * Opens a base model, which has to stay open for as long.
     *
     * @param threads of one run, at least 1
     * @throws ModelRefusedException if this is no language model, or a target is not there
     */
    @MustBeClosed
    public static Generator open(BaseModel model, AdapterTargets targets, int threads)
            throws IOException, EngineException, ModelRefusedException {
        return open(model.files(), Language.of(model), targets, threads);
    }

    /** Opens a model of another origin. */
    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // closed with the generator
    public static Generator open(ModelFiles files, Language language, AdapterTargets targets, int threads)
            throws IOException, EngineException, ModelRefusedException {
        return open(files, language, targets, SessionSettings.threads(threads));
    }

    /** As above, perhaps not on the CPU. */
    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // closed with the generator
    public static Generator open(ModelFiles files, Language language, AdapterTargets targets, SessionSettings settings)
            throws IOException, EngineException, ModelRefusedException {
        return new Generator(language, AdaptedSession.open(files, Purpose.GENERATE, targets, settings));
    }

    /** What the model runs on, by the runtime's name. */
    public String provider() {
        return session.session().provider();
    }

    /**
     * The likeliest token after a text, of which the model reads no more than the end that fits.
     *
     * @throws IllegalArgumentException if an adapter does not fit
     */
    public NextToken likeliest(String text, AdapterStack stack) throws EngineException {
        int[] ids = language.tokenizer().encode(text);
        int longest = language.lengthMax() - 1;
        int[] tail = language.started(Arrays.copyOfRange(ids, Math.max(0, ids.length - longest), ids.length));
        try (Cancellation never = Cancellation.open();
                Decoder decoder = new Decoder(session, stack, never)) {
            float[] logits = decoder.read(tail);
            int id = Softmax.likeliest(logits);
            return new NextToken(language.tokenizer().decode(new int[] {id}), Softmax.probability(logits, id));
        }
    }

    /** Whether the model has a cache, so that a token costs the same however long the text before it is. */
    public boolean remembers() {
        return !session.ports().caches().isEmpty();
    }

    /**
     * Begins to go on with a text. The text is read when the first piece is asked for.
     *
     * @param stack stays the caller's; not closed before what is returned
     * @param random draws tokens; not asked for anything if the likeliest is always taken
     * @throws IllegalArgumentException if the prompt has no token or is too long, or an adapter does not fit
     */
    @MustBeClosed
    public Generation generate(String prompt, AdapterStack stack, GenerationSettings settings, RandomSource random)
            throws EngineException {
        return generate(language.read(prompt), stack, settings, random);
    }

    /** As {@link #generate(String, AdapterStack, GenerationSettings, RandomSource)}, for ids with nothing added. */
    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // closed here if it fails, else with the generation
    public Generation generate(int[] prompt, AdapterStack stack, GenerationSettings settings, RandomSource random)
            throws EngineException {
        if (prompt.length < 1 || prompt.length >= language.lengthMax()) {
            throw new IllegalArgumentException("the prompt has " + prompt.length
                    + " tokens; this model goes on with 1 to " + (language.lengthMax() - 1));
        }
        Cancellation cancellation = Cancellation.open();
        boolean done = false;
        try {
            Decoder decoder = new Decoder(session, stack, cancellation);
            done = true;
            return new Generation(decoder, cancellation, language, prompt, settings, random);
        } finally {
            if (!done) {
                cancellation.close();
            }
        }
    }

    @Override
    public void close() {
        session.close();
    }
}
