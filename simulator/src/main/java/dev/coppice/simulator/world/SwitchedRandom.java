package dev.coppice.simulator.world;

import dev.coppice.crypto.RandomSource;
import java.util.OptionalLong;

/**
 * One device's randomness. Without a seed it is the operating system's. With one, each part of the run has a stream of
 * its own: how often the device asked before, which may depend on timing, changes nothing in the next part.
 */
public final class SwitchedRandom implements RandomSource {
    private final OptionalLong seed;
    private final String name;
    private volatile RandomSource present;

    /**
     * Randomness for one device.
     *
     * @param name of the device, unique in the run
     */
    public SwitchedRandom(OptionalLong seed, String name) {
        this.seed = seed;
        this.name = name;
        this.present = of(seed, name);
    }

    /** What a part of the run draws from that is no device. */
    public static RandomSource of(OptionalLong seed, String path) {
        return seed.isPresent() ? SeededRandomSource.of(seed.getAsLong()).fork(path) : RandomSource.secure();
    }

    /** The next part of the run begins, for example {@code "round/3"}. */
    public void switchTo(String part) {
        present = of(seed, name + "/" + part);
    }

    @Override
    public void fill(byte[] bytes) {
        present.fill(bytes);
    }
}
