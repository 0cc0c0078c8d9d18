package dev.coppice.adapters.onnx;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** All lowerings, one entry per operator; standard operators by name, others as {@code domain.name}. */
final class Lowerings {
    private static final Map<String, Lowering> FUSED = new HashMap<>();
    private static final Map<String, Lowering> ALL = new HashMap<>();

    static {
        Stream.of(ActivationLowerings.ALL, NormalizationLowerings.ALL, RotaryLowerings.ALL, AttentionLowerings.ALL)
                .forEach(FUSED::putAll);
        FUSED.put("Einsum", EinsumLowering::lower);
        FUSED.put("OneHot", VersionLowerings::oneHot);
        FUSED.put(Node.MICROSOFT + ".FusedMatMul", ProductLowerings::fusedMatMul);
        ALL.putAll(FUSED);
        ALL.putAll(VersionLowerings.ALL);
        ALL.putAll(ActivationLowerings.WIDE);
        ALL.putAll(QuantizedLowerings.ALL);
        ALL.put("MatMul", ProductLowerings::matMul);
    }

    private Lowerings() {}

    static Optional<Lowering> find(String domain, String op) {
        return Optional.ofNullable(ALL.get(key(domain, op)));
    }

    /** Whether an operator stands for a formula of several others. */
    static boolean isFused(String domain, String op) {
        return FUSED.containsKey(key(domain, op));
    }

    /** Names of all operators that stand for a formula of several others. */
    static Set<String> fused() {
        return Set.copyOf(FUSED.keySet());
    }

    private static String key(String domain, String op) {
        return domain.isEmpty() ? op : domain + "." + op;
    }
}
