package dev.coppice.crypto.metrics;

import dev.coppice.crypto.trust.RolloutPolicy;
import dev.coppice.protocol.Identifiers;
import dev.coppice.protocol.Limits;
import dev.coppice.protocol.round.Encoding;
import dev.coppice.protocol.round.Metrics;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where the figures of a round of metrics stand in its vector: a cell of all {@link Figure}s for each class of devices, in the
 * order of the terms, and one for the devices of all other classes. A device fills the cell of its class, and zeros are what
 * it puts in all others, so that the sum tells neither who is of which class nor, by who takes part, who has tried a pack.
 *
 * <p><b>Sensitivity.</b> Figures are from 0 to 1, so that a device moves the sum by {@link #CLIP_NORM} at most, which is what
 * updates are clipped to here.
 */
public final class MetricsLayout {
    /** Largest L2 norm of an honest device's vector: the root of the number of figures. */
    public static final double CLIP_NORM = Math.sqrt(Figure.values().length);

    private static final List<Figure> FIGURES = List.of(Figure.values());

    private final List<String> deviceClasses;

    private MetricsLayout(List<String> deviceClasses) {
        this.deviceClasses = List.copyOf(deviceClasses);
    }

    /**
     * The layout that terms choose.
     *
     * @throws IllegalArgumentException if the classes are too many, no names, or not ascending
     */
    public static MetricsLayout of(Metrics metrics) {
        return of(metrics.getDeviceClassesList());
    }

    /** The same for these classes. */
    public static MetricsLayout of(List<String> deviceClasses) {
        String last = "";
        for (String name : deviceClasses) {
            if (!Identifiers.isIdentifier(name) || name.compareTo(last) <= 0) {
                throw new IllegalArgumentException("classes of devices are ascending names of [a-z0-9-]");
            }
            last = name;
        }
        if (deviceClasses.size() > Limits.DEVICE_CLASSES_MAX) {
            throw new IllegalArgumentException(
                    "there are at most " + Limits.DEVICE_CLASSES_MAX + " classes of devices");
        }
        return new MetricsLayout(deviceClasses);
    }

    /** Values in the vector. */
    public int dimension() {
        return (deviceClasses.size() + 1) * FIGURES.size();
    }

    /** Whether a vector of this layout, clipped to what a device may say at most and nothing more, is encoded so. */
    public boolean fits(Encoding encoding) {
        return encoding.getDimension() == dimension()
                && encoding.getClipNorm() == CLIP_NORM
                && encoding.getIndicator() == 0;
    }

    /**
     * What a device puts into the sum.
     *
     * @param figures those that are left out are 0
     * @throws IllegalArgumentException if a figure is not from 0 to 1
     */
    public float[] vector(String deviceClass, Map<Figure, Double> figures) {
        int at = deviceClasses.indexOf(deviceClass);
        int cell = (at < 0 ? deviceClasses.size() : at) * FIGURES.size();
        float[] vector = new float[dimension()];
        figures.forEach((figure, value) -> {
            if (!(value >= 0 && value <= 1)) {
                throw new IllegalArgumentException("a figure is from 0 to 1");
            }
            vector[cell + FIGURES.indexOf(figure)] = value.floatValue();
        });
        return vector;
    }

    /**
     * The sums of figures, by class of devices; {@link RolloutPolicy#ALL_OTHERS} comes last.
     *
     * @param sum of {@link #dimension} values
     */
    public Map<String, Map<Figure, Double>> cells(double[] sum) {
        if (sum.length != dimension()) {
            throw new IllegalArgumentException("a sum has " + dimension() + " values here");
        }
        Map<String, Map<Figure, Double>> cells = new LinkedHashMap<>();
        for (int cell = 0; cell <= deviceClasses.size(); cell++) {
            Map<Figure, Double> figures = new EnumMap<>(Figure.class);
            for (int i = 0; i < FIGURES.size(); i++) {
                figures.put(FIGURES.get(i), sum[cell * FIGURES.size() + i]);
            }
            cells.put(cell < deviceClasses.size() ? deviceClasses.get(cell) : RolloutPolicy.ALL_OTHERS, figures);
        }
        return cells;
    }
}
