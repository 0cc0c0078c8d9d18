package dev.coppice.adapters.onnx;

/** Gauss and Legendre's rule of integration on [0, 1]: exact for polynomials of degree 2 n - 1. */
final class GaussLegendre {
    private final double[] nodes;
    private final double[] weights;

    GaussLegendre(int n) {
        this.nodes = new double[n];
        this.weights = new double[n];
        for (int i = 0; i < n; i++) {
            double x = Math.cos(Math.PI * (i + 0.75) / (n + 0.5));
            double slope = 0;
            for (int newton = 0; newton < 8; newton++) {
                double before = 1;
                double at = x;
                for (int degree = 2; degree <= n; degree++) {
                    double next = ((2 * degree - 1) * x * at - (degree - 1) * before) / degree;
                    before = at;
                    at = next;
                }
                slope = n * (x * at - before) / (x * x - 1);
                x -= at / slope;
            }
            nodes[i] = (1 + x) / 2;
            weights[i] = 1 / ((1 - x * x) * slope * slope);
        }
    }

    double[] nodes() {
        return nodes.clone();
    }

    double[] weights() {
        return weights.clone();
    }
}
