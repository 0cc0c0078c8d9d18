package dev.coppice.agent.training;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.kit.Kit;
import dev.coppice.adapters.model.BaseModel;
import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.adapters.text.Batches;
import dev.coppice.adapters.text.Example;
import dev.coppice.adapters.text.TokenSource;
import dev.coppice.crypto.RandomSource;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Trains and judges adapters of one kit. Holds no weights and no examples between calls. Safe for use by many
 * threads; a call blocks until an engine is free, and lets it go before it returns.
 */
public final class Classroom {
    /** Training loss is reported as the mean over this many last steps. */
    private static final int LOSS_STEPS = 5;

    private final Kit kit;
    private final EngineSource engines;
    private final TokenSource tokens;
    private final Batches batches;

    /** @param model that the kit was derived from; stays the caller's */
    public Classroom(BaseModel model, Kit kit, EngineSource engines) {
        this(model, kit, engines, model.tokenizer());
    }

    /**
     * One that is told the tokens of texts.
     *
     * @param tokens as the model's tokenizer gives them
     */
    public Classroom(BaseModel model, Kit kit, EngineSource engines, TokenSource tokens) {
        this.kit = kit;
        this.engines = engines;
        this.tokens = tokens;
        this.batches = new Batches(
                tokens,
                kit.spec(),
                model.config().padId(),
                model.config().bosId(),
                model.config().eosId());
    }

    /**
     * What came of training.
     *
     * @param loss mean over the last steps, in nats
     */
    public record Trained(AdapterWeights weights, int steps, double loss) {}

    /** How weights did at one point of training. */
    public record Progress(AdapterWeights weights, int steps, Judgement heldOut) {}

    /**
     * How to train until it does not help any more.
     *
     * @param portions most portions, at least 1
     * @param steps optimizer steps of a portion, at least 1
     */
    public record Course(int portions, int steps, float learningRate) {}

    /** The kit in use. */
    public Kit kit() {
        return kit;
    }

    /** Those examples that this kit can learn from and be judged by. */
    public List<Example> usable(List<Example> examples) {
        return examples.stream()
                .filter(example -> batches.usable(example) && tokens.encode(example.text()).length > 0)
                .toList();
    }

    /** Batches that these examples, all usable, fill: the steps of one pass over them. */
    public int batches(List<Example> examples) {
        return batches.pass(examples).size();
    }

    /**
     * Takes that many optimizer steps from these weights.
     *
     * @param held tensors that stay as they are
     * @param examples at least one, all usable
     * @param random of their order
     * @param mayGoOn asked before each step; after a no, fewer steps were taken
     * @throws EngineException if the engine fails or training diverges
     */
    public Trained train(
            AdapterWeights from,
            List<TensorSpec> held,
            List<Example> examples,
            int steps,
            float learningRate,
            RandomSource random,
            BooleanSupplier mayGoOn)
            throws InterruptedException, EngineException {
        Lesson lesson = new Lesson(batches, examples, random);
        return engines.use(kit, engine -> {
            engine.load(from);
            engine.hold(held);
            double loss = 0;
            int taken = 0;
            while (taken < steps && mayGoOn.getAsBoolean()) {
                float now = engine.step(lesson.next(), learningRate);
                loss += taken >= steps - LOSS_STEPS ? now : 0;
                taken++;
            }
            return new Trained(engine.weights(), taken, loss / Math.min(steps, LOSS_STEPS));
        });
    }

    /**
     * Trains in portions and judges after each by examples that are not trained on; ends once two portions in a row
     * brought nothing.
     *
     * @param examples at least one, all usable
     * @param heldOut at least one, all usable
     * @param mayGoOn asked before each portion
     * @return the best point after a portion, by loss on {@code heldOut}
     */
    public Progress trainToBest(
            AdapterWeights from,
            List<Example> examples,
            List<Example> heldOut,
            Course course,
            RandomSource random,
            BooleanSupplier mayGoOn)
            throws InterruptedException, EngineException {
        Lesson lesson = new Lesson(batches, examples, random);
        Examiner examiner = new Examiner(batches, kit.spec(), heldOut);
        return engines.use(kit, engine -> {
            engine.load(from);
            Progress best = new Progress(from, 0, new Judgement(0, 0, Double.POSITIVE_INFINITY));
            int steps = 0;
            while (steps < course.portions() * course.steps()
                    && steps - best.steps() <= 2 * course.steps()
                    && mayGoOn.getAsBoolean()) {
                for (int i = 0; i < course.steps(); i++) {
                    engine.step(lesson.next(), course.learningRate());
                }
                steps += course.steps();
                Judgement now = examiner.judge(engine);
                if (now.loss() < best.heldOut().loss()) {
                    best = new Progress(engine.weights(), steps, now);
                }
            }
            return best;
        });
    }

    /** How these weights do on examples, all usable, each by itself. */
    public Judgement judge(AdapterWeights weights, List<Example> examples)
            throws InterruptedException, EngineException {
        return judge(weights, new Examiner(batches, kit.spec(), examples));
    }

    /** How a language model does on examples, all usable, one after the other. */
    public Judgement judgePass(AdapterWeights weights, List<Example> examples)
            throws InterruptedException, EngineException {
        return judge(weights, Examiner.ofPass(batches, kit.spec(), examples));
    }

    private Judgement judge(AdapterWeights weights, Examiner examiner) throws InterruptedException, EngineException {
        return engines.use(kit, engine -> {
            engine.load(weights);
            return examiner.judge(engine);
        });
    }
}
