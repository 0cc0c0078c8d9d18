package dev.coppice.adapters.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.coppice.adapters.TinyDecoder;
import dev.coppice.adapters.autodiff.Backward;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Models that were right until a few of their numbers, names and operators were changed. */
class DamagedModelTest {
    private static final List<ModelProto> RIGHT = right();

    @FuzzTest
    void aDamagedModelIsDifferentiatedOrRefused(FuzzedDataProvider data) {
        check(bound -> data.consumeInt(0, bound - 1));
    }

    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void whateverIsDamagedAModelIsDifferentiatedOrRefused(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 500; i++) {
            check(random::nextInt);
        }
    }

    private static void check(ModelDamage.Choice choice) {
        ModelProto.Builder model = RIGHT.get(choice.below(RIGHT.size())).toBuilder();
        for (int i = choice.below(5); i >= 0; i--) {
            ModelDamage.of(choice).apply(model);
        }
        try {
            differentiate(ModelReader.parse(model.build().toByteArray()));
        } catch (GraphRefusedException refused) {
            assertThat(refused.getMessage()).isNotBlank();
        }
    }

    /** All that is made of a model, but for native code. */
    private static void differentiate(ModelProto model) {
        Graph graph = new Graph();
        Ops ops = new Ops(graph);
        Map<String, Value> bound = new HashMap<>();
        List<Value> inputs = new ArrayList<>();
        for (ValueInfoProto input : model.getGraph().getInputList()) {
            ElementType type =
                    ElementType.ofCode(input.getType().getTensorType().getElemType());
            long[] shape = input.getType().getTensorType().getShape().getDimList().stream()
                    .mapToLong(dim -> dim.getDimParam().isEmpty() ? dim.getDimValue() : 2)
                    .toArray();
            Value value = graph.input(input.getName(), TensorType.of(type, shape));
            bound.put(input.getName(), value);
            if (type == ElementType.FLOAT) {
                inputs.add(value);
            }
        }
        Map<String, Value> values =
                new Specializer(StoredModel.of(model), graph, ElementType.FLOAT, ProductHook.NONE).run(bound);
        Value output = values.get(model.getGraph().getOutput(0).getName());
        if (output != null && output.element() == ElementType.FLOAT && !inputs.isEmpty()) {
            Value loss = ops.total(output);
            List<Value> outputs = new ArrayList<>(Backward.gradients(graph, loss, inputs));
            if (inputs.stream().allMatch(input -> input.count() > 0)) {
                outputs.add(loss);
                assertThat(graph.model("damaged", inputs, outputs).getGraph().getOutputList())
                        .hasSameSizeAs(outputs);
            }
        }
    }

    /** A decoder, and each fused operator alone. */
    private static List<ModelProto> right() {
        List<ModelProto> right = new ArrayList<>();
        right.add(TinyDecoder.smallest().build());
        LoweringsTest.cases().forEach(one -> {
            ModelBuilder builder = new ModelBuilder("one");
            List<String> names = new ArrayList<>();
            for (long[] shape : one.shapes()) {
                Dim[] dims = new Dim[shape.length];
                for (int i = 0; i < dims.length; i++) {
                    dims[i] = Dim.fixed(shape[i]);
                }
                names.add(builder.input("x" + names.size(), ElementType.FLOAT, dims));
            }
            builder.output(one.call().add(builder, names), "y", ElementType.FLOAT);
            right.add(LoweringsTest.at(builder.build(), one.opset()));
        });
        return List.copyOf(right);
    }
}
