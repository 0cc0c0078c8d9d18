package dev.coppice.simulator;

/** Where a run tells how far it is. Called from any thread; never throws. */
public interface Progress {
    /** A new part of the run begins, for example {@code "round 3 of 6"}. */
    void phase(String name);

    /**
     * How far the current part is.
     *
     * @param done of {@code total}, in {@code unit}s, for example devices
     */
    void advance(String what, long done, long total, String unit);

    /** How far the whole run is, 0 to 1, for the time that is left. */
    void overall(double fraction);

    /** Something worth keeping on the screen. */
    void note(String line);

    /** A progress that nobody sees. */
    static Progress silent() {
        return new Progress() {
            @Override
            public void phase(String name) {}

            @Override
            public void advance(String what, long done, long total, String unit) {}

            @Override
            public void overall(double fraction) {}

            @Override
            public void note(String line) {}
        };
    }
}
