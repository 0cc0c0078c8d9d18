package dev.coppice.simulator.experiment;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.kit.Task;
import dev.coppice.adapters.lora.Factors;
import dev.coppice.adapters.lora.LoraSpec;
import dev.coppice.adapters.model.BaseModel;
import dev.coppice.simulator.population.Population;
import dev.coppice.testkit.ProjectFiles;
import java.nio.file.Path;
import java.util.List;

/** Made-up people, pico, and a task of a few rounds. */
final class SampleLab {
    static final int PEOPLE = 24;

    private SampleLab() {}

    @MustBeClosed
    @SuppressWarnings("MustBeClosed") // closed with the lab
    static Lab open(Path folder, int workers) throws Exception {
        Path pico = ProjectFiles.root().resolve("models/pico");
        return new Lab(Population.generated(5, PEOPLE), BaseModel.open(pico), folder.resolve("kits"), workers);
    }

    /** Three rounds of twelve devices, four steps each. */
    static ObjectNode task(Factors factors) throws Exception {
        LoraSpec lora = new LoraSpec(2, 4, List.of("q_proj"), factors, 1);
        KitSpec kit = new KitSpec(
                Task.TEXT_CLASSIFICATION, lora, Population.generated(5, 1).labels(), 8, 16);
        ObjectNode task = Json.MAPPER.createObjectNode();
        task.set("kitSpec", Json.MAPPER.readTree(kit.toJson()));
        task.put("rounds", 3).put("localSteps", 4).put("learningRate", 0.01).put("clipNorm", 1.0);
        task.putObject("cohort")
                .put("min", 12)
                .put("max", 12)
                .put("dropoutBound", 0.0)
                .put("corruptionBound", 0.0);
        task.putObject("serverOptimizer")
                .put("kind", "fedavg")
                .put("learningRate", 1.0)
                .put("momentum", 0.0);
        return task;
    }
}
