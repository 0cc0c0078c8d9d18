package dev.coppice.adapters.kit;

/**
 * What is minimised beside the cross entropy, and how a text becomes one vector. Reported losses are the cross entropy
 * alone, so that kits can be compared.
 *
 * @param proximal mu of FedProx's term mu / 2 * ||w - w0||^2 over all trained weights, where w0 is what was loaded
 *     (Li et al. 2020, equation 2); 0 or more
 * @param closeness weight of the Kullback-Leibler divergence of the adapted model from a reference, over the labelled
 *     positions; 0 or more. The reference is the base model without adapter, or a teacher
 * @param temperature both models' logits are divided by it in that divergence, which is multiplied by its square
 *     (Hinton et al. 2015, section 2.1); above 0
 * @param pooling for a new classification head
 * @param teacherClasses how many logits a teacher gives for each position (or text, in classification); they come with
 *     each batch. 0 if there is no teacher
 */
public record Objective(double proximal, double closeness, double temperature, Pooling pooling, int teacherClasses) {
    private static final int CLASSES_MAX = 1 << 20;

    /** Cross entropy alone. */
    public static final Objective PLAIN = new Objective(0, 0, 1, Pooling.LAST_TOKEN, 0);

    /** @throws IllegalArgumentException if a value is out of range */
    public Objective {
        require(proximal >= 0 && Double.isFinite(proximal), "proximal is 0 or more and finite");
        require(closeness >= 0 && Double.isFinite(closeness), "closeness is 0 or more and finite");
        require(temperature > 0 && Double.isFinite(temperature), "temperature is above 0 and finite");
        require(teacherClasses >= 0 && teacherClasses <= CLASSES_MAX, "teacherClasses is 0 to " + CLASSES_MAX);
        require(teacherClasses == 0 || closeness > 0, "a teacher has a weight above 0");
    }

    public Objective withProximal(double mu) {
        return new Objective(mu, closeness, temperature, pooling, teacherClasses);
    }

    /** Closeness to the base model. */
    public Objective withCloseness(double weight, double atTemperature) {
        return new Objective(proximal, weight, atTemperature, pooling, 0);
    }

    /** Closeness to a teacher in the place of the base model. */
    public Objective withTeacher(double weight, double atTemperature, int classes) {
        return new Objective(proximal, weight, atTemperature, pooling, classes);
    }

    public boolean hasTeacher() {
        return teacherClasses > 0;
    }

    public Objective withPooling(Pooling other) {
        return new Objective(proximal, closeness, temperature, other, teacherClasses);
    }

    private static void require(boolean fits, String rule) {
        if (!fits) {
            throw new IllegalArgumentException(rule);
        }
    }
}
