package dev.coppice.adapters.onnx;

import java.util.List;

/**
 * One operation of a graph; values are referred to by name.
 *
 * @param domain empty for standard operators, else for example {@code com.microsoft}
 * @param inputs names; an empty name is an optional input left out
 */
public record Node(String domain, String op, Attributes attributes, List<String> inputs, List<String> outputs) {
    public static final String MICROSOFT = "com.microsoft";

    public Node {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }
}
