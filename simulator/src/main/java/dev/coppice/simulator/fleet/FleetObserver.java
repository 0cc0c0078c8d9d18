package dev.coppice.simulator.fleet;

/** Hears how a run goes. Called on any thread, several at a time. */
public interface FleetObserver {
    /** Nobody listens. */
    FleetObserver NONE = new FleetObserver() {};

    /** A round has been opened to so many devices. */
    default void roundBegan(int number, int devices) {}

    /** A device is done with its part. */
    default void deviceDone() {}

    /** A round is over and judged. */
    default void roundEnded(RoundRecord round) {}
}
