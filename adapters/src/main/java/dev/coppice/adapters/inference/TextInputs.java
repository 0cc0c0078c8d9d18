package dev.coppice.adapters.inference;

import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.adapters.runtime.NativeTensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Token ids of texts in native memory, with all that a model wants to know about them. Closed by whoever made it. */
final class TextInputs implements AutoCloseable {
    private final Map<String, NativeTensor> byInput = new HashMap<>();
    private final int batch;
    private final int length;
    private final int past;

    private TextInputs(int batch, int length, int past) {
        this.batch = batch;
        this.length = length;
        this.past = past;
    }

    /**
     * Texts side by side, padded on the right to the longest.
     *
     * @param rows token ids of each text, at least one each
     * @param past tokens that the model has read before, the same number in every row
     */
    @MustBeClosed
    static TextInputs of(Ports ports, List<int[]> rows, int padId, int past) throws EngineException {
        int length = rows.stream().mapToInt(row -> row.length).max().orElse(0);
        TextInputs inputs = new TextInputs(rows.size(), length, past);
        boolean done = false;
        try {
            for (Map.Entry<String, ElementType> port : ports.texts().entrySet()) {
                inputs.add(port.getKey(), port.getValue(), rows, padId);
            }
            done = true;
            return inputs;
        } finally {
            if (!done) {
                inputs.close();
            }
        }
    }

    Map<String, NativeTensor> byInput() {
        return byInput;
    }

    int length() {
        return length;
    }

    @Override
    public void close() {
        byInput.values().forEach(NativeTensor::close);
    }

    @SuppressWarnings("MustBeClosedChecker") // closed with this
    private void add(String input, ElementType type, List<int[]> rows, int padId) throws EngineException {
        int width = input.equals(Ports.MASK) ? past + length : length;
        long[] values = new long[batch * width];
        for (int row = 0; row < batch; row++) {
            int[] tokens = rows.get(row);
            int from = row * width;
            switch (input) {
                case Ports.TOKENS -> {
                    Arrays.fill(values, from, from + width, padId);
                    for (int i = 0; i < tokens.length; i++) {
                        values[from + i] = tokens[i];
                    }
                }
                case Ports.MASK -> Arrays.fill(values, from, from + past + tokens.length, 1);
                case Ports.POSITIONS -> Arrays.setAll(values, i -> past + i % width);
                case Ports.SEGMENTS -> {}
                default -> throw new IllegalArgumentException("nothing is known to feed " + input);
            }
        }
        byInput.put(
                input,
                type == ElementType.INT64
                        ? NativeTensor.ofLongs(values, batch, width)
                        : NativeTensor.ofInts(
                                Arrays.stream(values).mapToInt(Math::toIntExact).toArray(), batch, width));
    }
}
