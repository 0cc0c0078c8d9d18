package dev.coppice.adapters.onnx;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The versions in which a model uses the operators of each domain. */
final class Opsets {
    private static final int STANDARD_MIN = 11;
    private static final int STANDARD_MAX = 24;

    private final Map<String, Integer> versions = new HashMap<>();

    private Opsets(List<OperatorSetIdProto> imports) {
        imports.forEach(one -> versions.put(domain(one.getDomain()), (int) one.getVersion()));
    }

    /** @throws GraphRefusedException if the standard operators' version is one that nobody here has read about */
    static Opsets of(ModelProto model) {
        Opsets opsets = new Opsets(model.getOpsetImportList());
        int standard = opsets.version("");
        if (standard < STANDARD_MIN || standard > STANDARD_MAX) {
            throw new GraphRefusedException("the model uses version " + standard + " of the standard operators;"
                    + " export it with opset " + STANDARD_MIN + " to " + STANDARD_MAX + ", best 17 or newer");
        }
        return opsets;
    }

    /** Versions of a function of the model, which may differ. */
    static Opsets of(List<OperatorSetIdProto> imports) {
        return new Opsets(imports);
    }

    /** 1 where the model says nothing, as for operators of ONNX Runtime. */
    int version(String domain) {
        return versions.getOrDefault(domain, 1);
    }

    /** {@code ai.onnx} is another name of the standard domain. */
    static String domain(String domain) {
        return domain.equals("ai.onnx") ? "" : domain;
    }
}
