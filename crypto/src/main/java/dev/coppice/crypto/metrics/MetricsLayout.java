package dev.coppice.crypto.metrics;

import dev.coppice.crypto.trust.RolloutPolicy;
import dev.coppice.protocol.Identifiers;
import dev.coppice.protocol.Limits;
import dev.coppice.protocol.round.Encoding;
import dev.coppice.protocol.round.Metrics;
import dev.coppice.protocol.round.MetricsSubject;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where the figures of a round of metrics stand in its vector: a cell of all {@link Figure}s for each class of devices, in the
 * order of the terms, and one for the devices of all other classes. A device fills the cell of its class, and zeros are what
 * it puts in all others, so that the sum tells neither who is of which class nor, by who takes part, who has tried a pack.
 *
 * <p><b>Sensitivity.</b> Figures are from 0 to 1, so that a device moves the sum by {@link #clipNorm} at most, which is what
 * updates are clipped to here.
 */
public final class MetricsLayout {
    /** Largest L2 norm of what an honest device says of a pack: the root of the number of figures. */
    public static final double CLIP_NORM = Math.sqrt(Figure.OF_PACKS.size());

    /** The same of a personal adapter: three figures, and one of the histogram's cells, which are 0 but for one. */
    public static final double PERSONAL_CLIP_NORM = 2;

    private final MetricsSubject subject;
    private final List<Figure> figures;
    private final List<String> deviceClasses;

    private MetricsLayout(MetricsSubject subject, List<String> deviceClasses) {
        this.subject = subject;
        this.figures = Figure.of(subject);
        this.deviceClasses = List.copyOf(deviceClasses);
    }

    /**
     * The layout that terms choose.
     *
     * @throws IllegalArgumentException if the classes are too many, no names, or not ascending, or the subject is not known
     */
    public static MetricsLayout of(Metrics metrics) {
        return of(metrics.getSubject(), metrics.getDeviceClassesList());
    }

    /** The same of packs for these classes. */
    public static MetricsLayout of(List<String> deviceClasses) {
        return of(MetricsSubject.PACK, deviceClasses);
    }

    /** The same for this subject and these classes. */
    public static MetricsLayout of(MetricsSubject subject, List<String> deviceClasses) {
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
        return new MetricsLayout(subject, deviceClasses);
    }

    /** Largest L2 norm of an honest device's vector. */
    public double clipNorm() {
        return subject == MetricsSubject.PACK ? CLIP_NORM : PERSONAL_CLIP_NORM;
    }

    /** Values in the vector. */
    public int dimension() {
        return (deviceClasses.size() + 1) * figures.size();
    }

    /** Whether a vector of this layout, clipped to what a device may say at most and nothing more, is encoded so. */
    public boolean fits(Encoding encoding) {
        return encoding.getDimension() == dimension()
                && encoding.getClipNorm() == clipNorm()
                && encoding.getIndicator() == 0;
    }

    /**
     * What a device puts into the sum.
     *
     * @param told those that are left out are 0
     * @throws IllegalArgumentException if a figure is not from 0 to 1, or is told of something else
     */
    public float[] vector(String deviceClass, Map<Figure, Double> told) {
        int at = deviceClasses.indexOf(deviceClass);
        int cell = (at < 0 ? deviceClasses.size() : at) * figures.size();
        float[] vector = new float[dimension()];
        told.forEach((figure, value) -> {
            if (!(value >= 0 && value <= 1) || !figures.contains(figure)) {
                throw new IllegalArgumentException("a figure is from 0 to 1, and of what is asked about");
            }
            vector[cell + figures.indexOf(figure)] = value.floatValue();
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
            Map<Figure, Double> sums = new EnumMap<>(Figure.class);
            for (int i = 0; i < figures.size(); i++) {
                sums.put(figures.get(i), sum[cell * figures.size() + i]);
            }
            cells.put(cell < deviceClasses.size() ? deviceClasses.get(cell) : RolloutPolicy.ALL_OTHERS, sums);
        }
        return cells;
    }
}
