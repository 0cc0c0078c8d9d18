package dev.coppice.adapters.model.decoder;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.ParameterLayout;
import dev.coppice.adapters.TensorSpec;
import java.nio.FloatBuffer;
import java.util.SplittableRandom;
import org.codehaus.mojo.animal_sniffer.IgnoreJRERequirement;

/** Values of a decoder's weights before and after training. */
public final class DecoderWeights {
    private DecoderWeights() {}

    /**
     * Weights to start training from: norms 1, the head and biases 0, matrices normal with standard deviation 1/sqrt(in), those
     * that add to the residual stream smaller by sqrt(2 layers), the embedding 1/sqrt(width). Equal seeds give equal
     * weights.
     */
    public static AdapterWeights initial(DecoderShape shape, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        ParameterLayout layout = shape.layout();
        FloatBuffer values = FloatBuffer.allocate(layout.count());
        for (TensorSpec tensor : layout.tensors()) {
            fill(shape, tensor, random, values.slice(layout.offset(tensor.name()), tensor.count()));
        }
        return AdapterWeights.of(layout, values.array());
    }

    /** One of the weights to start training from, see {@link #initial}, for models that do not fit into memory. */
    @IgnoreJRERequirement // Android 34 has no nextGaussian here, and no base model is trained there
    public static void fill(DecoderShape shape, TensorSpec tensor, SplittableRandom random, FloatBuffer values) {
        boolean isList = tensor.shape().size() == 1;
        double mean = isList && !tensor.name().endsWith(".bias") ? 1 : 0;
        double size = isList || tensor.name().equals(DecoderShape.HEAD) ? 0 : deviation(tensor, shape);
        for (int i = 0; i < values.limit(); i++) {
            values.put(i, (float) (size == 0 ? mean : size * random.nextGaussian()));
        }
    }

    /** The weights of another shape of the same model, taken by name: for example without the head. */
    public static AdapterWeights taken(AdapterWeights weights, DecoderShape shape) {
        ParameterLayout layout = shape.layout();
        float[] values = new float[layout.count()];
        for (TensorSpec tensor : layout.tensors()) {
            System.arraycopy(weights.tensor(tensor), 0, values, layout.offset(tensor.name()), tensor.count());
        }
        return AdapterWeights.of(layout, values);
    }

    private static double deviation(TensorSpec tensor, DecoderShape shape) {
        if (tensor.name().equals(DecoderShape.EMBEDDING)) {
            return 1 / Math.sqrt(shape.sizes().width());
        }
        boolean residual = tensor.name().contains("o_proj") || tensor.name().contains("down_proj");
        double in = tensor.shape().get(0);
        return 1 / Math.sqrt(in * (residual ? 2 * shape.sizes().layers() : 1));
    }
}
