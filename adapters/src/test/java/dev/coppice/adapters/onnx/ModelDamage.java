package dev.coppice.adapters.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;

/** One thing that goes wrong in a model whose file is otherwise as it should be. */
enum ModelDamage {
    OPERATOR {
        @Override
        void apply(ModelProto.Builder model, Choice choice) {
            NodeProto.Builder node = node(model, choice);
            boolean microsoft = choice.below(3) == 0;
            node.setOpType(choice.of(OPERATORS)).setDomain(microsoft ? Node.MICROSOFT : "");
        }
    },
    ATTRIBUTE {
        @Override
        void apply(ModelProto.Builder model, Choice choice) {
            NodeProto.Builder node = node(model, choice);
            if (node.getAttributeCount() == 0 || choice.below(3) == 0) {
                node.addAttribute(AttributeProto.newBuilder().setName(choice.of(ATTRIBUTES)));
            }
            AttributeProto.Builder attribute = node.getAttributeBuilder(choice.below(node.getAttributeCount()));
            attribute.setI(choice.of(NUMBERS)).setF(choice.of(NUMBERS));
            for (int i = choice.below(4); i > 0; i--) {
                attribute.addInts(choice.of(NUMBERS));
            }
        }
    },
    LESS_ATTRIBUTE {
        @Override
        void apply(ModelProto.Builder model, Choice choice) {
            NodeProto.Builder node = node(model, choice);
            if (node.getAttributeCount() > 0) {
                node.removeAttribute(choice.below(node.getAttributeCount()));
            }
        }
    },
    INPUT {
        @Override
        void apply(ModelProto.Builder model, Choice choice) {
            NodeProto.Builder node = node(model, choice);
            if (node.getInputCount() == 0 || choice.below(4) == 0) {
                node.addInput("");
            }
            node.setInput(choice.below(node.getInputCount()), choice.of(names(model.getGraph())));
        }
    },
    LESS_INPUT {
        @Override
        void apply(ModelProto.Builder model, Choice choice) {
            NodeProto.Builder node = node(model, choice);
            List<String> inputs = new ArrayList<>(node.getInputList());
            if (!inputs.isEmpty()) {
                inputs.remove(choice.below(inputs.size()));
                node.clearInput().addAllInput(inputs);
            }
        }
    },
    OUTPUTS {
        @Override
        void apply(ModelProto.Builder model, Choice choice) {
            NodeProto.Builder node = node(model, choice);
            if (choice.below(2) == 0) {
                node.clearOutput();
            }
            for (int i = choice.below(4); i > 0; i--) {
                node.addOutput("made" + i);
            }
        }
    },
    NUMBERS_OF_A_CONSTANT {
        @Override
        void apply(ModelProto.Builder model, Choice choice) {
            if (model.getGraph().getInitializerCount() > 0) {
                long[] values = new long[choice.below(5)];
                for (int i = 0; i < values.length; i++) {
                    values[i] = choice.of(NUMBERS);
                }
                TensorProto.Builder tensor = tensor(model, choice);
                TensorProto wrong = Protos.tensor(tensor.getName(), Tensor.ofLongs(values, values.length));
                tensor.clear().mergeFrom(wrong);
            }
        }
    },
    TENSOR {
        @Override
        void apply(ModelProto.Builder model, Choice choice) {
            if (model.getGraph().getInitializerCount() > 0) {
                TensorProto.Builder tensor = tensor(model, choice);
                switch (choice.below(4)) {
                    case 0 -> tensor.setDataType(choice.below(24));
                    case 1 -> tensor.addDims(choice.of(NUMBERS));
                    case 2 -> tensor.clearDims();
                    default -> tensor.setRawData(ByteString.copyFrom(new byte[choice.below(64)]));
                }
            }
        }
    },
    SHAPE {
        @Override
        void apply(ModelProto.Builder model, Choice choice) {
            GraphProto.Builder graph = model.getGraphBuilder();
            ValueInfoProto.Builder input = graph.getInputBuilder(choice.below(graph.getInputCount()));
            var type = input.getTypeBuilder().getTensorTypeBuilder();
            var shape = type.getShapeBuilder();
            switch (choice.below(4)) {
                case 0 -> type.setElemType(choice.below(24));
                case 1 -> shape.addDimBuilder().setDimValue(choice.of(NUMBERS));
                case 2 -> shape.clearDim();
                default -> {
                    if (shape.getDimCount() > 0) {
                        shape.getDimBuilder(choice.below(shape.getDimCount())).setDimValue(choice.of(NUMBERS));
                    }
                }
            }
        }
    },
    VERSION {
        @Override
        void apply(ModelProto.Builder model, Choice choice) {
            model.getOpsetImportBuilder(0).setVersion(10 + choice.below(15));
        }
    };

    /** Picks numbers, by chance or as somebody wants it. */
    @FunctionalInterface
    interface Choice {
        /** A number from 0 on. */
        int below(int bound);

        default <T> T of(List<T> all) {
            return all.get(below(all.size()));
        }
    }

    private static final List<Long> NUMBERS = List.of(
            0L,
            1L,
            -1L,
            2L,
            3L,
            4L,
            5L,
            7L,
            -2L,
            -5L,
            16L,
            1000L,
            65_536L,
            65_537L,
            1L << 31,
            1L << 32,
            1L << 60,
            (long) Integer.MAX_VALUE,
            Long.MAX_VALUE,
            Long.MIN_VALUE,
            Long.MIN_VALUE + 1);
    private static final List<String> OPERATORS =
            LoweringsTest.cases().map(LoweringsTest.Case::op).toList();
    private static final List<String> ATTRIBUTES = List.of(
            "axis",
            "axes",
            "keepdims",
            "perm",
            "num_heads",
            "kv_num_heads",
            "num_outputs",
            "split",
            "to",
            "start",
            "end",
            "batch_dims",
            "bits",
            "block_size",
            "K",
            "N",
            "transA",
            "transB",
            "scale",
            "softcap",
            "qkv_hidden_sizes",
            "do_rotary",
            "rotary_embedding_dim",
            "is_causal",
            "local_window_size",
            "allowzero",
            "select_last_index",
            "interleaved",
            "q_num_heads");

    abstract void apply(ModelProto.Builder model, Choice choice);

    /** One kind of damage that was chosen, with what is still to be chosen. */
    record Chosen(ModelDamage damage, Choice choice) {
        void apply(ModelProto.Builder model) {
            damage.apply(model, choice);
        }
    }

    static Chosen of(Choice choice) {
        return new Chosen(choice.of(List.of(values())), choice);
    }

    private static NodeProto.Builder node(ModelProto.Builder model, Choice choice) {
        GraphProto.Builder graph = model.getGraphBuilder();
        return graph.getNodeBuilder(choice.below(graph.getNodeCount()));
    }

    private static TensorProto.Builder tensor(ModelProto.Builder model, Choice choice) {
        GraphProto.Builder graph = model.getGraphBuilder();
        return graph.getInitializerBuilder(choice.below(graph.getInitializerCount()));
    }

    private static List<String> names(GraphProto graph) {
        List<String> names = new ArrayList<>(List.of(""));
        graph.getInputList().forEach(input -> names.add(input.getName()));
        graph.getInitializerList().forEach(tensor -> names.add(tensor.getName()));
        graph.getNodeList().forEach(node -> names.addAll(node.getOutputList()));
        return names;
    }
}
