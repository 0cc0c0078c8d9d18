package dev.coppice.simulator.cli;

/** What the launcher found out about the terminal before it started us. */
final class Terminal {
    private Terminal() {}

    /** Whether standard output is a terminal that may be overwritten. */
    static boolean interactive() {
        return Boolean.getBoolean("coppice.terminal");
    }

    static int columns() {
        return Integer.getInteger("coppice.columns", 80);
    }
}
