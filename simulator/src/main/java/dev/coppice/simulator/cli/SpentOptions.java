package dev.coppice.simulator.cli;

import dev.coppice.adapters.pack.PrivacyFacts;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a pack says of the privacy that it took. */
final class SpentOptions {
    @Option(names = "--epsilon", paramLabel = "E", description = "what the pack says each device spent at most")
    private @Nullable Double epsilon;

    @Option(names = "--delta", paramLabel = "D", defaultValue = "1e-8", description = "and at which delta")
    private double delta = 1e-8;

    @Option(names = "--noise-multiplier", paramLabel = "Z", defaultValue = "0", description = "and with which noise")
    private double noiseMultiplier;

    @Option(names = "--participations", paramLabel = "N", defaultValue = "1", description = "and in how many rounds")
    private int participations = 1;

    PrivacyFacts facts() {
        return epsilon == null
                ? PrivacyFacts.none(participations)
                : new PrivacyFacts("distributed-discrete-gaussian", epsilon, delta, noiseMultiplier, participations);
    }
}
