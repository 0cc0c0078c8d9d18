package dev.coppice.adapters.inference;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.GraphRefusedException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Inputs of a language model's graph, by what they mean.
 *
 * @param texts inputs of whole numbers that texts fill, each with its element type
 * @param caches inputs for what was read before; empty if the model reads every text from its beginning
 */
record Ports(Map<String, ElementType> texts, List<CachePort> caches) {
    /** Token ids, [batch, new]. */
    static final String TOKENS = "input_ids";
    /** 1 for tokens and 0 for padding, [batch, past + new]. */
    static final String MASK = "attention_mask";
    /** Place of each token in its text from 0, [batch, new]. */
    static final String POSITIONS = "position_ids";
    /** Which of two texts a token belongs to, always 0 here, [batch, new]. */
    static final String SEGMENTS = "token_type_ids";

    private static final Set<String> KNOWN = Set.of(TOKENS, MASK, POSITIONS, SEGMENTS);

    Ports {
        texts = Map.copyOf(texts);
        caches = List.copyOf(caches);
    }

    /** @throws GraphRefusedException if nothing is known to feed some input */
    static Ports of(GraphProto graph) {
        Set<String> weights = graph.getInitializerList().stream()
                .map(weight -> weight.getName())
                .collect(Collectors.toSet());
        Set<String> outputs =
                graph.getOutputList().stream().map(ValueInfoProto::getName).collect(Collectors.toSet());
        Map<String, ElementType> texts = new LinkedHashMap<>();
        List<CachePort> caches = new ArrayList<>();
        for (ValueInfoProto input : graph.getInputList()) {
            Optional<CachePort> cache = CachePort.find(input, outputs);
            cache.ifPresent(caches::add);
            if (cache.isEmpty() && !weights.contains(input.getName())) {
                texts.put(input.getName(), textType(input));
            }
        }
        if (!texts.containsKey(TOKENS)) {
            throw new GraphRefusedException("the model has no input " + TOKENS);
        }
        return new Ports(texts, caches);
    }

    private static ElementType textType(ValueInfoProto input) {
        ElementType type = ElementType.ofCode(input.getType().getTensorType().getElemType());
        if (!KNOWN.contains(input.getName()) || (type != ElementType.INT64 && type != ElementType.INT32)) {
            throw new GraphRefusedException("nothing is known to feed the input " + input.getName() + " of " + type);
        }
        return type;
    }
}
