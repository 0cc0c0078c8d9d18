package dev.coppice.adapters.inference;

import ai.onnx.proto.OnnxMl.ModelProto;
import dev.coppice.adapters.format.OnnxAdapter;
import dev.coppice.adapters.format.PeftAdapter;
import dev.coppice.adapters.model.BaseModel;
import dev.coppice.adapters.model.ModelConfig;
import dev.coppice.adapters.model.ModelFolder;
import dev.coppice.adapters.model.ModelRefusedException;
import dev.coppice.adapters.onnx.GraphRefusedException;
import dev.coppice.adapters.onnx.ModelReader;
import dev.coppice.adapters.onnx.ModelWriter;
import dev.coppice.adapters.onnx.StoredModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/** Takes adapters out: into models that any runtime for ONNX can run, and that are base models again here. */
public final class ModelExport {
    /** Name of the adapter's file beside a model's. */
    public static final String ADAPTER = "adapter.onnx_adapter";

    private ModelExport() {}

    /**
     * Writes a model with adapters in its weights, W' = W + s B A, and nothing else changed.
     *
     * @param name of the new model
     * @param folder where it goes: new, or empty
     * @throws ModelRefusedException if the model has no weight for something in an adapter, or a quantized one
     */
    public static void merged(BaseModel model, List<Adapter> adapters, String name, Path folder)
            throws IOException, ModelRefusedException {
        write(model, graph -> Merging.of(graph, adapters), name, folder);
    }

    /**
     * Writes a model that takes an adapter beside its weights, as ONNX Runtime's own LoRA support does it: the tensors of
     * an {@code .onnx_adapter} file are inputs of the graph under PEFT's names, unscaled, and of rank 0 where no adapter
     * is active. The scale is a constant of the graph. The adapter's file goes into the same folder, {@value #ADAPTER}.
     *
     * @param adapter without tensors that replace the model's own
     */
    public static void beside(BaseModel model, PeftAdapter adapter, String name, Path folder)
            throws IOException, ModelRefusedException {
        write(model, graph -> SideModel.of(graph.proto(), Adapter.of(adapter)), name, folder);
        Files.write(folder.resolve(ADAPTER), OnnxAdapter.of(adapter).write());
    }

    private static void write(BaseModel model, Function<StoredModel, ModelProto> change, String name, Path folder)
            throws IOException, ModelRefusedException {
        requireFree(folder);
        try {
            StoredModel original = ModelReader.open(model.onnx());
            StoredModel changed = original.with(change.apply(original));
            Files.createDirectories(folder);
            List<String> weights = ModelWriter.write(changed, folder.resolve(BaseModel.ONNX));
            Files.copy(model.folder().resolve(BaseModel.TOKENIZER), folder.resolve(BaseModel.TOKENIZER));
            ModelFolder.describe(folder, description(model.config(), name), weights);
        } catch (GraphRefusedException e) {
            throw new ModelRefusedException("nothing is exported: " + e.getMessage(), e);
        }
    }

    private static ModelFolder.Description description(ModelConfig config, String name) {
        return new ModelFolder.Description(
                name,
                config.vocabularySize(),
                config.hiddenSize(),
                config.lengthMax(),
                new ModelFolder.Special(config.padId(), config.bosId(), config.eosIds()),
                config.loraTargets(),
                config.labels());
    }

    private static void requireFree(Path folder) throws IOException, ModelRefusedException {
        if (Files.exists(folder)) {
            try (Stream<Path> inside = Files.list(folder)) {
                if (inside.findAny().isPresent()) {
                    throw new ModelRefusedException(folder + " is not empty; nothing was written");
                }
            }
        }
    }
}
