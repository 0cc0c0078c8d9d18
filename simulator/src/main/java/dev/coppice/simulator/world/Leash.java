package dev.coppice.simulator.world;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.util.Arrays;

/**
 * Main class of a child process: runs another main class and ends the process when standard input ends, which it does
 * when the parent dies, whatever killed it. So no child outlives the run that started it.
 */
public final class Leash {
    /** Exit code of a child that lost its parent. */
    public static final int PARENT_GONE = 75;

    private Leash() {}

    /**
     * Runs the other program.
     *
     * @param args the main class to run and then its arguments
     */
    public static void main(String[] args) throws Throwable {
        Thread.ofPlatform().daemon().name("leash").start(Leash::waitForParent);
        Class<?> program = Class.forName(args[0]);
        try {
            program.getMethod("main", String[].class).invoke(null, (Object) Arrays.copyOfRange(args, 1, args.length));
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private static void waitForParent() {
        try {
            while (System.in.read() >= 0) {
                // nobody writes; only the end matters
            }
        } catch (IOException e) {
            // a broken pipe is an end too
        }
        // no shutdown hooks: the parent is gone, and state on disk survives a kill by design
        Runtime.getRuntime().halt(PARENT_GONE);
    }
}
