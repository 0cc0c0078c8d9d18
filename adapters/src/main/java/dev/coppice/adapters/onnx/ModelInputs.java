package dev.coppice.adapters.onnx;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto.Dimension;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What feeds each input of a model that sees whole texts, padded on the right: their tokens and mask, and what follows
 * from those. A cache is empty; segments are all 0; positions count from 0 (real tokens get what exporters derive from
 * the mask, padding counts on).
 */
public final class ModelInputs {
    private static final String TOKENS = "input_ids";
    private static final String MASK = "attention_mask";

    private final Ops ops;
    private final ElementType real;
    private final Value tokens;
    private final Value mask;
    private final String batchSymbol;

    private ModelInputs(ModelProto model, Ops ops, ElementType real, Value tokens, Value mask) {
        this.ops = ops;
        this.real = real;
        this.tokens = tokens;
        this.mask = mask;
        this.batchSymbol = model.getGraph().getInputList().stream()
                .filter(input -> input.getName().equals(TOKENS))
                .flatMap(input -> dims(input).stream())
                .map(Dimension::getDimParam)
                .findFirst()
                .orElse("");
    }

    /**
     * Values for all inputs of the model that anything is known about, by name.
     *
     * @param real the type that the model's fractions become
     * @param tokens int64 [batch, length]
     * @param mask int64 [batch, length], 1 for real tokens and then 0
     * @throws GraphRefusedException if a cache cannot be empty
     */
    public static Map<String, Value> bind(ModelProto model, Ops ops, ElementType real, Value tokens, Value mask) {
        Set<String> stored = model.getGraph().getInitializerList().stream()
                .map(TensorProto::getName)
                .collect(Collectors.toSet());
        ModelInputs inputs = new ModelInputs(model, ops, real, tokens, mask);
        Map<String, Value> bound = new HashMap<>();
        model.getGraph().getInputList().stream()
                .filter(input -> !stored.contains(input.getName()))
                .forEach(input -> inputs.find(input).ifPresent(value -> bound.put(input.getName(), value)));
        return bound;
    }

    private Optional<Value> find(ValueInfoProto input) {
        ElementType type = ElementType.ofCode(input.getType().getTensorType().getElemType());
        long length = tokens.size(1);
        String name = input.getName();
        if (type.isReal() && name.startsWith("past")) {
            return Optional.of(emptyCache(input));
        }
        Value value = switch (name) {
            case TOKENS -> tokens;
            case MASK -> mask;
            case "token_type_ids" -> ops.zeros(tokens);
            case "position_ids" -> positions(dims(input));
            case "cache_position" -> ops.range(length);
            case "use_cache_branch" -> one(input, 0);
            case "total_sequence_length" -> one(input, length);
            case "past_sequence_length", "num_logits_to_keep", "logits_to_keep" -> one(input, 0);
            case "seqlens_k" -> lastPlaces(dims(input).size());
            default -> Value.ABSENT;
        };
        return value.isAbsent() ? Optional.empty() : Optional.of(cast(value, type));
    }

    private Value cast(Value value, ElementType type) {
        return ops.cast(value, type.isReal() ? real : type);
    }

    /** 0, 1, ... for each text; several rows of positions, as for pictures in the text, are the same for words. */
    private Value positions(List<Dimension> dims) {
        long[] shape = tokens.shape();
        if (dims.size() == 1) {
            return ops.range(shape[1]);
        }
        return ops.expand(
                ops.range(shape[1]),
                dims.size() == 3 ? Shapes.join(new long[] {dims.get(0).getDimValue()}, shape) : shape);
    }

    private Value one(ValueInfoProto input, long value) {
        long[] shape = dims(input).isEmpty() ? new long[0] : new long[] {1};
        return ops.graph().constant(Tensor.ofLongs(new long[] {value}, shape));
    }

    private Value lastPlaces(int rank) {
        Attributes keep = Attributes.none().integer("keepdims", rank == 2 ? 1 : 0);
        Value lengths = ops.graph().call("ReduceSum", keep, mask, ops.integers(1));
        return ops.sub(lengths, ops.number(lengths, 1));
    }

    /** Axes of fixed size keep it, that of the batch has the batch's, what else is free has length 0. */
    private Value emptyCache(ValueInfoProto input) {
        List<Dimension> dims = dims(input);
        int batch = batchAxis(dims);
        long[] shape = new long[dims.size()];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = i == batch ? tokens.size(0) : Math.max(0, dims.get(i).getDimValue());
        }
        if (Shapes.count(shape) != 0) {
            throw new GraphRefusedException("the cache " + input.getName()
                    + " has a fixed length and cannot be empty; export it with a free one");
        }
        return ops.graph().constant(Tensor.empty(TensorType.of(real, shape)));
    }

    /** The free axis of the name that the tokens' batch has; else the first free one. */
    private int batchAxis(List<Dimension> dims) {
        for (int i = 0; i < dims.size(); i++) {
            String name = dims.get(i).getDimParam();
            if (!name.isEmpty() && name.equals(batchSymbol)) {
                return i;
            }
        }
        for (int i = 0; i < dims.size(); i++) {
            if (dims.get(i).getDimValue() == 0) {
                return i;
            }
        }
        return -1;
    }

    private static List<Dimension> dims(ValueInfoProto input) {
        return input.getType().getTensorType().getShape().getDimList();
    }
}
