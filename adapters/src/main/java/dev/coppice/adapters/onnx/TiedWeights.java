package dev.coppice.adapters.onnx;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Matrices that an exporter stored twice, as they are or transposed, because two layers share them (the embedding and
 * the output layer, as a rule). Compared bit by bit; matrices of one repeated number are not taken for copies.
 */
public final class TiedWeights {
    private final List<Pair> pairs;

    /**
     * Two initializers that are the same matrix.
     *
     * @param transposed whether one is [b, a] where the other is [a, b]
     */
    public record Pair(String first, String copy, boolean transposed) {}

    private TiedWeights(List<Pair> pairs) {
        this.pairs = pairs;
    }

    public static TiedWeights of(ModelProto model) {
        List<Pair> pairs = new ArrayList<>();
        List<TensorProto> firsts = new ArrayList<>();
        for (TensorProto weight : model.getGraph().getInitializerList()) {
            if (isMatrix(weight)) {
                Optional<Pair> pair = firsts.stream()
                        .flatMap(first -> pair(first, weight).stream())
                        .findFirst();
                pair.ifPresentOrElse(pairs::add, () -> firsts.add(weight));
            }
        }
        return new TiedWeights(pairs);
    }

    /** Every copy with the matrix that it repeats, in the order of the model. */
    public List<Pair> pairs() {
        return List.copyOf(pairs);
    }

    /** Whether this matrix repeats one that comes before it in the model. */
    public boolean isCopy(String name) {
        return pairs.stream().anyMatch(pair -> pair.copy().equals(name));
    }

    /** All others of which one is the same as this matrix; those that need no transposing first. */
    List<Pair> twins(String name) {
        return pairs.stream()
                .filter(pair -> pair.first().equals(name) || pair.copy().equals(name))
                .sorted(Comparator.comparing(Pair::transposed))
                .toList();
    }

    private static Optional<Pair> pair(TensorProto first, TensorProto copy) {
        if (first.getDataType() != copy.getDataType()
                || first.getRawData().size() != copy.getRawData().size()) {
            return Optional.empty();
        }
        boolean alike = first.getDimsList().equals(copy.getDimsList());
        if (alike && first.getRawData().equals(copy.getRawData())) {
            return Optional.of(new Pair(first.getName(), copy.getName(), false));
        }
        boolean turned = first.getDims(0) == copy.getDims(1) && isTransposed(first, copy);
        return turned ? Optional.of(new Pair(first.getName(), copy.getName(), true)) : Optional.empty();
    }

    /** Most matrices differ in their first elements, so that this ends at once. */
    private static boolean isTransposed(TensorProto first, TensorProto copy) {
        ByteBuffer a = first.getRawData().asReadOnlyByteBuffer().slice();
        ByteBuffer b = copy.getRawData().asReadOnlyByteBuffer().slice();
        int rows = (int) first.getDims(0);
        int columns = (int) first.getDims(1);
        int width = a.remaining() / rows / columns;
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                if (!same(a, (row * columns + column) * width, b, (column * rows + row) * width, width)) {
                    return false;
                }
            }
        }
        return true;
    }

    private static boolean same(ByteBuffer a, int at, ByteBuffer b, int from, int width) {
        for (int i = 0; i < width; i++) {
            if (a.get(at + i) != b.get(from + i)) {
                return false;
            }
        }
        return true;
    }

    /** A stored matrix of fractions in which more than one number occurs. */
    private static boolean isMatrix(TensorProto weight) {
        if (weight.getDimsCount() != 2
                || !weight.hasRawData()
                || weight.getRawData().isEmpty()) {
            return false;
        }
        ElementType type = ElementType.ofCode(weight.getDataType());
        ByteBuffer data = weight.getRawData().asReadOnlyByteBuffer().slice();
        int width = (int) type.bytes(1);
        if (!type.isReal() || data.remaining() != type.bytes(Shapes.count(weight.getDims(0), weight.getDims(1)))) {
            return false;
        }
        return !data.slice(width, data.remaining() - width).equals(data.slice(0, data.remaining() - width));
    }
}
