package dev.coppice.simulator.attack;

import java.util.List;

/** Mean, spread and distances of updates of one length. */
final class Vectors {
    private Vectors() {}

    static double[] mean(List<float[]> all) {
        double[] mean = new double[all.getFirst().length];
        for (float[] one : all) {
            for (int i = 0; i < mean.length; i++) {
                mean[i] += one[i] / (double) all.size();
            }
        }
        return mean;
    }

    /** Standard deviation of each coordinate; zeros if there is one update. */
    static double[] deviation(List<float[]> all, double[] mean) {
        double[] deviation = new double[mean.length];
        for (float[] one : all) {
            for (int i = 0; i < mean.length; i++) {
                deviation[i] += (one[i] - mean[i]) * (one[i] - mean[i]) / all.size();
            }
        }
        for (int i = 0; i < deviation.length; i++) {
            deviation[i] = Math.sqrt(deviation[i]);
        }
        return deviation;
    }

    /** {@code from + times * direction}. */
    static float[] along(double[] from, double times, double[] direction) {
        float[] point = new float[from.length];
        for (int i = 0; i < point.length; i++) {
            point[i] = (float) (from[i] + times * direction[i]);
        }
        return point;
    }

    static double distance(float[] one, float[] other) {
        double squares = 0;
        for (int i = 0; i < one.length; i++) {
            double apart = (double) one[i] - other[i];
            squares += apart * apart;
        }
        return Math.sqrt(squares);
    }
}
