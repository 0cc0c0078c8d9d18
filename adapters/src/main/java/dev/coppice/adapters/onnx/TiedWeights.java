package dev.coppice.adapters.onnx;

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

    public static TiedWeights of(StoredModel model) {
        List<Pair> pairs = new ArrayList<>();
        List<Matrix> firsts = new ArrayList<>();
        for (TensorProto weight : model.proto().getGraph().getInitializerList()) {
            if (weight.getDimsCount() == 2) {
                Matrix matrix = new Matrix(weight.getName(), model.tensor(weight));
                if (matrix.isOfManyNumbers()) {
                    Optional<Pair> pair = firsts.stream()
                            .flatMap(first -> first.findPair(matrix).stream())
                            .findFirst();
                    pair.ifPresentOrElse(pairs::add, () -> firsts.add(matrix));
                }
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

    /** A stored matrix. */
    private record Matrix(String name, Tensor tensor) {
        /** Whether it holds fractions, and more than one number occurs. */
        boolean isOfManyNumbers() {
            ByteBuffer data = tensor.data();
            if (!tensor.type().isReal() || data.remaining() == 0) {
                return false;
            }
            int width = (int) tensor.type().bytes(1);
            return !data.slice(width, data.remaining() - width).equals(data.slice(0, data.remaining() - width));
        }

        Optional<Pair> findPair(Matrix copy) {
            if (tensor.type() != copy.tensor.type() || tensor.byteCount() != copy.tensor.byteCount()) {
                return Optional.empty();
            }
            if (tensor.equals(copy.tensor)) {
                return Optional.of(new Pair(name, copy.name, false));
            }
            boolean turned = tensor.shape()[0] == copy.tensor.shape()[1] && isTransposed(copy);
            return turned ? Optional.of(new Pair(name, copy.name, true)) : Optional.empty();
        }

        /** Most matrices differ in their first elements, so that this ends at once. */
        private boolean isTransposed(Matrix copy) {
            ByteBuffer a = tensor.data();
            ByteBuffer b = copy.tensor.data();
            int rows = (int) tensor.shape()[0];
            int columns = (int) tensor.shape()[1];
            int width = (int) tensor.type().bytes(1);
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
    }
}
