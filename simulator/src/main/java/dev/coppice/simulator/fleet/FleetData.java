package dev.coppice.simulator.fleet;

import dev.coppice.adapters.kit.Task;
import dev.coppice.adapters.text.Example;
import java.util.List;

/** What the people of a fleet say. Immutable, for any threads; equal calls give equal answers. */
public interface FleetData {
    /** What the texts can teach. */
    Task task();

    /** All labels in the order of their ids; empty for language models. */
    List<String> labels();

    /** How many devices there are. */
    int devices();

    /**
     * What a device may train on.
     *
     * @param device from 0
     * @param round from 1: people may talk of other things as time goes on
     */
    List<Example> training(int device, int round);

    /** What a device never trains on. */
    List<Example> heldOut(int device);

    /** All that no device trains on, or as much of it as judges a candidate well. */
    List<Example> heldOut();
}
