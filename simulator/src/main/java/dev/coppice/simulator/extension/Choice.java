package dev.coppice.simulator.extension;

/**
 * What a scenario picked.
 *
 * @param name of an extension
 */
public record Choice(String name, Parameters parameters) {
    /** With all defaults. */
    public static Choice of(String name) {
        return new Choice(name, Parameters.NONE);
    }
}
