package dev.coppice.simulator.report;

import com.fasterxml.jackson.annotation.JsonValue;

/** How much a run's noise is worth. */
public enum PrivacyMode {
    /** Keys and noise come from the operating system. */
    REAL,
    /** Keys and noise come from a seed: who knows it can take the noise off again. */
    SIMULATED,
    /** No noise was added. */
    OFF;

    @JsonValue
    public String word() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }

    /** What it means, in one sentence for the table and the report. */
    public String sentence() {
        return switch (this) {
            case REAL -> "Privacy is real: keys and noise came from the operating system's randomness.";
            case SIMULATED ->
                "Privacy is simulated: this run was seeded, so whoever knows the seed can reproduce its noise and keys.";
            case OFF -> "Privacy is off: updates were clipped and masked, but no noise was added.";
        };
    }
}
