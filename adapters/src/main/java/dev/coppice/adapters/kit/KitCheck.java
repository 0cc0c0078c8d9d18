package dev.coppice.adapters.kit;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.ParameterLayout;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.onnx.Dim;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.ExternalCheck;
import dev.coppice.adapters.onnx.GraphRefusedException;
import dev.coppice.adapters.onnx.ModelReader;
import dev.coppice.adapters.onnx.Protos;
import dev.coppice.adapters.onnx.TensorType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Whether the files of a kit fit each other. Hashes say that files are what the manifest names; this says that even a
 * kit whose manifest was made up cannot make native code read past a buffer.
 */
final class KitCheck {
    /** Bytes of a file whose hash was verified. */
    @FunctionalInterface
    interface Files {
        byte[] read(KitFile file) throws IOException, KitRefusedException;
    }

    private KitCheck() {}

    /** Checks everything and gives back the initial weights. */
    static AdapterWeights checked(Manifest manifest, Files files) throws IOException, KitRefusedException {
        AdapterWeights initial = initial(manifest.layout(), files.read(KitFile.INITIAL));
        require(
                Arrays.equals(files.read(KitFile.CHECKPOINT), Checkpoint.write(initial)),
                "the checkpoint does not hold the initial weights");
        byte[] optimizer = OptimizerModel.of(manifest.layout().tensors().size()).toByteArray();
        require(Arrays.equals(files.read(KitFile.OPTIMIZER), optimizer), "the optimizer is not AdamW as it should be");
        List<ValueInfoProto> fed = fed(manifest);
        ExternalCheck external = new ExternalCheck(
                manifest.weights().stream().collect(Collectors.toMap(WeightsFile::name, WeightsFile::bytes)));
        requireGraph(files.read(KitFile.PLAIN), fed, external, KitFile.PLAIN);
        requireGraph(files.read(KitFile.EVAL), fed, external, KitFile.EVAL);
        requireGraph(files.read(KitFile.TRAINING), trainingInputs(manifest, fed), external, KitFile.TRAINING);
        return initial;
    }

    static byte[] initialBytes(AdapterWeights weights) {
        float[] values = weights.toArray();
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return bytes.array();
    }

    private static AdapterWeights initial(ParameterLayout layout, byte[] bytes) throws KitRefusedException {
        require(bytes.length == (long) layout.count() * Float.BYTES, "initial weights of another length");
        float[] values = new float[layout.count()];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
        return AdapterWeights.of(layout, values);
    }

    private static List<ValueInfoProto> fed(Manifest manifest) {
        List<ValueInfoProto> fed = new ArrayList<>();
        KitInputs.of(manifest.spec(), manifest.masks(), manifest.layout())
                .forEach((name, type) -> fed.add(info(name, type)));
        manifest.layout().tensors().forEach(tensor -> fed.add(info(tensor.name(), type(tensor))));
        return fed;
    }

    private static List<ValueInfoProto> trainingInputs(Manifest manifest, List<ValueInfoProto> fed) {
        List<ValueInfoProto> inputs = new ArrayList<>(fed);
        for (TensorSpec tensor : manifest.layout().tensors()) {
            inputs.add(info(tensor.name() + Accumulation.BUFFER, type(tensor)));
        }
        inputs.add(info(Accumulation.RESET, TensorType.of(ElementType.BOOL, 1)));
        return inputs;
    }

    private static void requireGraph(byte[] bytes, List<ValueInfoProto> expected, ExternalCheck external, KitFile file)
            throws KitRefusedException {
        try {
            ModelProto model = ModelReader.parse(bytes);
            require(model.getGraph().getInputList().equals(expected), file.fileName() + " has other inputs");
            external.check(model);
        } catch (GraphRefusedException | ArithmeticException e) {
            throw new KitRefusedException(file.fileName() + " is not a model of this kit: " + e.getMessage(), e);
        }
    }

    private static TensorType type(TensorSpec tensor) {
        return TensorType.of(
                ElementType.FLOAT,
                tensor.shape().stream().mapToLong(Integer::longValue).toArray());
    }

    private static ValueInfoProto info(String name, TensorType type) {
        List<Dim> dims = Arrays.stream(type.shape()).mapToObj(Dim::fixed).toList();
        return Protos.info(name, type.element(), dims);
    }

    private static void require(boolean fits, String otherwise) throws KitRefusedException {
        if (!fits) {
            throw new KitRefusedException(otherwise);
        }
    }
}
