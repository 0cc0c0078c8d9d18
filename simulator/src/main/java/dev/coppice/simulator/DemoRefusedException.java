package dev.coppice.simulator;

/** The run was asked for something that cannot be done, for example to read a file that is not there. */
public final class DemoRefusedException extends Exception {
    /**
     * A refusal.
     *
     * @param sentence one clear sentence for the person who asked
     */
    public DemoRefusedException(String sentence) {
        super(sentence);
    }
}
