package dev.coppice.adapters.merge;

/** The mean update of one group of devices, and how many they were. Immutable. */
public final class GroupMean {
    private final float[] values;
    private final int devices;

    /**
     * @param values finite; copied
     * @param devices at least 1
     */
    public GroupMean(float[] values, int devices) {
        if (devices < 1) {
            throw new IllegalArgumentException("A group's mean is of one device at least");
        }
        for (float value : values) {
            if (!Float.isFinite(value)) {
                throw new IllegalArgumentException("A group's mean is finite");
            }
        }
        this.values = values.clone();
        this.devices = devices;
    }

    int devices() {
        return devices;
    }

    int length() {
        return values.length;
    }

    float value(int i) {
        return values[i];
    }

    double norm() {
        return Math.sqrt(dot(this));
    }

    double dot(GroupMean other) {
        double sum = 0;
        for (int i = 0; i < values.length; i++) {
            sum += (double) values[i] * other.values[i];
        }
        return sum;
    }
}
