package dev.coppice.adapters.kit;

import ai.onnx.proto.OnnxMl.ModelProto;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.lora.LoraSpec;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.GraphRefusedException;
import dev.coppice.adapters.onnx.ModelReader;
import dev.coppice.adapters.onnx.Placement;
import dev.coppice.adapters.onnx.StoredModel;
import java.io.IOException;
import java.nio.file.Path;

/** Loss and gradients of a small batch in float64, to be checked by finite differences. */
public final class GradientModel {
    private final KitSpec spec;
    private final ModelProto model;
    private final AdapterWeights initial;

    private GradientModel(KitSpec spec, ModelProto model, AdapterWeights initial) {
        this.spec = spec;
        this.model = model;
        this.initial = initial;
    }

    /**
     * Specialises a model with an adapter for one batch.
     *
     * @throws GraphRefusedException if the model does not allow it
     */
    public static GradientModel of(Path onnx, LoraSpec lora, int batch, int length) throws IOException {
        StoredModel model = ModelReader.open(onnx);
        TrialSpec trial = TrialSpec.of(model.proto(), lora, batch, length);
        TrainingGraph graph = new TrainingGraph(model, trial.labels(), trial.spec(), ElementType.DOUBLE);
        return new GradientModel(trial.spec(), graph.plain(Placement.INSIDE), graph.initial());
    }

    public KitSpec spec() {
        return spec;
    }

    /** First output the loss, then one gradient for each trainable; the trainables are float64 inputs. */
    public byte[] onnx() {
        return model.toByteArray();
    }

    /** What the trainables start from; the layout names them in the order of the outputs. */
    public AdapterWeights initial() {
        return initial;
    }
}
