package dev.coppice.simulator.fleet;

import dev.coppice.simulator.extension.Parameters;
import dev.coppice.simulator.extension.UpdateMerge;
import java.util.List;

/** {@code mean}: every device counts alike. */
public final class MeanMerge implements UpdateMerge {
    @Override
    public String name() {
        return "mean";
    }

    @Override
    public float[] merge(List<Part> parts, Parameters parameters) {
        double[] total = new double[parts.getFirst().mean().length];
        int devices = 0;
        for (Part part : parts) {
            float[] mean = part.mean();
            for (int i = 0; i < total.length; i++) {
                total[i] += (double) mean[i] * part.devices();
            }
            devices += part.devices();
        }
        float[] merged = new float[total.length];
        for (int i = 0; i < merged.length; i++) {
            merged[i] = (float) (total[i] / devices);
        }
        return merged;
    }

    @Override
    public boolean isMean() {
        return true;
    }
}
