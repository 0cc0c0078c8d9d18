package dev.coppice.simulator.fleet;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.format.Safetensors;
import dev.coppice.adapters.kit.Kit;
import dev.coppice.adapters.kit.KitRefusedException;
import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.model.BaseModel;
import dev.coppice.adapters.model.ModelRefusedException;
import dev.coppice.adapters.runtime.EngineKind;
import dev.coppice.agent.training.Classroom;
import dev.coppice.agent.training.EngineSource;
import dev.coppice.agent.training.KitCache;
import dev.coppice.agent.training.OwnEngines;
import dev.coppice.crypto.Sha256;
import java.io.IOException;
import java.nio.file.Path;

/**
 * What all devices of a fleet share: base model, kit, one native session for each worker, and the texts. May serve any number
 * of runs, one after the other. Close it after them.
 */
public final class FleetMaterial implements AutoCloseable {
    static final String POPULATION = "fleet";
    static final String SKILL = "assistant";

    private static final int TOKENS_REMEMBERED = 1 << 22;

    private final BaseModel model;
    private final Kit kit;
    private final KitCache kits;
    private final OwnEngines engines;
    private final Classroom classroom;
    private final FleetData data;
    private final AdapterWeights initial;
    private final int workers;

    private FleetMaterial(BaseModel model, KitCache kits, KitSpec spec, FleetData data, int workers)
            throws IOException, KitRefusedException {
        this.model = model;
        this.kits = kits;
        this.kit = kits.kit(model, spec);
        this.data = data;
        this.workers = workers;
        this.initial = kit.initial();
        engines = new OwnEngines(workers, EngineKind.ORT_TRAINING);
        classroom = new Classroom(model, kit, engines, new RememberedTokens(model.tokenizer(), TOKENS_REMEMBERED));
    }

    /**
     * Opens it all.
     *
     * @param model folder of a base model
     * @param spec of the kit; its labels are the data's
     * @param workers threads that train, each with a native session of its own; at least 1
     * @param kits folder where kits are kept between runs
     * @throws IllegalArgumentException if the model cannot be used so, with the reason
     */
    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // the model is closed with the material, or here
    public static FleetMaterial open(Path model, KitSpec spec, FleetData data, int workers, Path kits)
            throws IOException {
        BaseModel base;
        try {
            base = BaseModel.open(model);
        } catch (ModelRefusedException e) {
            throw new IllegalArgumentException("the base model in " + model + " cannot be used: " + e.getMessage(), e);
        }
        try {
            return new FleetMaterial(base, new KitCache(kits), spec, data, workers);
        } catch (KitRefusedException e) {
            base.close();
            throw new IllegalArgumentException("the base model cannot be trained for this: " + e.getMessage(), e);
        } catch (IOException e) {
            base.close();
            throw e;
        }
    }

    public BaseModel model() {
        return model;
    }

    public Kit kit() {
        return kit;
    }

    /** Where the kit is from, for agents that look it up themselves. */
    public KitCache kits() {
        return kits;
    }

    /** The workers' native sessions, for agents that train themselves. */
    public EngineSource engines() {
        return engines;
    }

    public Classroom classroom() {
        return classroom;
    }

    public FleetData data() {
        return data;
    }

    public int workers() {
        return workers;
    }

    /** What the first round starts from. */
    public AdapterWeights initial() {
        return initial;
    }

    /** The settings' task as an operator would post it, for a population and a skill of the simulator's. */
    public ObjectNode definition(FleetSettings settings) throws IOException {
        ObjectNode task = settings.task().deepCopy();
        return task.put("skill", SKILL)
                .put("population", POPULATION)
                .put("baseModelSha256", model.sha256())
                .put("kitSha256", kit.sha256())
                .put("initialAdapterSha256", Sha256.hex(Safetensors.write(initial)))
                .set("kitSpec", new ObjectMapper().readTree(kit.spec().toJson()));
    }

    @Override
    public void close() {
        engines.close();
        model.close();
    }
}
