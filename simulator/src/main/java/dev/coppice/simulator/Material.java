package dev.coppice.simulator;

import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.adapters.kit.Kit;
import dev.coppice.adapters.kit.KitRefusedException;
import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.lora.Factors;
import dev.coppice.adapters.merge.AdapterPart;
import dev.coppice.adapters.merge.FrozenA;
import dev.coppice.adapters.merge.SumRule;
import dev.coppice.adapters.model.BaseModel;
import dev.coppice.adapters.model.ModelRefusedException;
import dev.coppice.adapters.runtime.EngineKind;
import dev.coppice.adapters.text.Batches;
import dev.coppice.agent.training.KitCache;
import dev.coppice.agent.training.OwnEngines;
import dev.coppice.crypto.masking.DropoutBound;
import dev.coppice.crypto.privacy.Clipping;
import dev.coppice.crypto.privacy.CohortBounds;
import dev.coppice.crypto.privacy.NoisePlan;
import dev.coppice.crypto.privacy.PrivacyGoal;
import dev.coppice.crypto.privacy.PrivacyRefusedException;
import dev.coppice.simulator.population.Population;
import dev.coppice.simulator.world.Shipped;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.IntStream;

/**
 * What a run is made of before anything is started: people, base model, recipe, kit, engines and a plan for the noise.
 */
final class Material implements AutoCloseable {
    /** Part of the cohort that may be with the aggregator or made up by it. */
    static final double CORRUPTION_BOUND = 0.05;

    private static final double ABORT_PROBABILITY = 0.01;

    private final Population population;
    private final BaseModel model;
    private final Recipe recipe;
    private final KitCache kits;
    private final Kit kit;
    private final OwnEngines engines;
    private final int dimension;
    private final CohortBounds cohort;
    private final NoisePlan noise;

    @MustBeClosed
    private Material(Population population, BaseModel model, DemoSettings settings, Path kitFolder)
            throws IOException, KitRefusedException, DemoRefusedException {
        this.population = population;
        this.model = model;
        this.recipe = Recipe.of(
                population.task(),
                population.labels(),
                model.config(),
                settings.rule() instanceof FrozenA ? Factors.B : Factors.BOTH,
                Texts.tokensUsual(population, model.tokenizer()) + 1);
        KitSpec spec =
                new KitSpec(population.task(), recipe.lora(), population.labels(), recipe.batch(), recipe.length());
        this.kits = new KitCache(kitFolder);
        this.kit = kits.kit(model, spec);
        this.engines = new OwnEngines(Runtime.getRuntime().availableProcessors(), EngineKind.ORT_TRAINING);
        this.dimension = dimension(kit, settings.rule());
        this.cohort = cohort(population.people().size(), settings.dropout());
        this.noise = noise(settings);
    }

    /**
     * Gathers it all.
     *
     * @param seed of made-up people, or of how texts are dealt out
     */
    @MustBeClosed
    @SuppressWarnings("MustBeClosed") // the model is closed with the material, or here
    static Material gather(DemoSettings settings, long seed, Path kitFolder) throws IOException, DemoRefusedException {
        Population population = Texts.population(settings, seed);
        if (population.people().size() < DemoSettings.DEVICES_MIN) {
            throw new DemoRefusedException("the data has texts for "
                    + population.people().size() + " people only; a cohort needs " + DemoSettings.DEVICES_MIN);
        }
        BaseModel model = open(model(settings));
        try {
            return new Material(population, model, settings, kitFolder);
        } catch (KitRefusedException e) {
            model.close();
            throw new DemoRefusedException("the base model cannot be trained for this: " + e.getMessage());
        } catch (IOException | DemoRefusedException e) {
            model.close();
            throw e;
        }
    }

    private static Path model(DemoSettings settings) throws DemoRefusedException {
        return settings.model()
                .or(() -> Shipped.find("models/pico"))
                .orElseThrow(
                        () -> new DemoRefusedException("there is no models/pico in or above this folder; use --model"));
    }

    @MustBeClosed
    private static BaseModel open(Path folder) throws IOException, DemoRefusedException {
        try {
            return BaseModel.open(folder);
        } catch (ModelRefusedException e) {
            throw new DemoRefusedException("the base model in " + folder + " cannot be used: " + e.getMessage());
        }
    }

    /** So wide that a round is abandoned in less than one case of a hundred. */
    private static CohortBounds cohort(int devices, double dropout) throws DemoRefusedException {
        double bound = dropout == 0 ? 0 : DropoutBound.forDropout(dropout, devices, ABORT_PROBABILITY);
        if (bound + CORRUPTION_BOUND >= 0.5) {
            throw new DemoRefusedException(devices + " devices are too few to survive drop-outs of " + dropout
                    + "; use more devices or a smaller --dropout");
        }
        int missing = (int) Math.floor(bound * devices + 1e-9);
        return new CohortBounds(devices - missing, devices, bound, CORRUPTION_BOUND);
    }

    /** Numbers in the longest update of two rounds, after which every rule begins again. */
    private static int dimension(Kit kit, SumRule rule) {
        return IntStream.range(0, 2)
                .map(merges -> AdapterPart.of(kit.layout(), rule.uploaded(merges))
                        .layout()
                        .count())
                .max()
                .orElseThrow();
    }

    private NoisePlan noise(DemoSettings settings) throws DemoRefusedException {
        byte[] anyRotation = new byte[32];
        try {
            return settings.epsilon().isEmpty()
                    ? NoisePlan.off(cohort, dimension, clipping(settings), anyRotation)
                    : NoisePlan.calibrate(
                            new PrivacyGoal(settings.epsilon().getAsDouble(), DemoSettings.DELTA, settings.rounds()),
                            cohort,
                            dimension,
                            clipping(settings),
                            anyRotation);
        } catch (PrivacyRefusedException e) {
            throw new DemoRefusedException("this epsilon cannot be kept: " + e.getMessage());
        }
    }

    private Clipping clipping(DemoSettings settings) {
        return settings.clipQuantile().isEmpty()
                ? new Clipping.Fixed(recipe.clipNorm())
                : new Clipping.Adaptive(
                        recipe.clipNorm(), settings.clipQuantile().getAsDouble(), Clipping.Adaptive.RATE_USUAL);
    }

    Population population() {
        return population;
    }

    BaseModel model() {
        return model;
    }

    Recipe recipe() {
        return recipe;
    }

    KitCache kits() {
        return kits;
    }

    Kit kit() {
        return kit;
    }

    OwnEngines engines() {
        return engines;
    }

    /** Numbers in an update. */
    int dimension() {
        return dimension;
    }

    CohortBounds cohort() {
        return cohort;
    }

    /** What the aggregator will come to as well; used for what is told, never for what is done. */
    NoisePlan noise() {
        return noise;
    }

    Batches batches() {
        return new Batches(
                model.tokenizer(),
                kit.spec(),
                model.config().padId(),
                model.config().bosId(),
                model.config().eosId());
    }

    @Override
    public void close() {
        engines.close();
        model.close();
    }
}
