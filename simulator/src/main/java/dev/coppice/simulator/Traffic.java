package dev.coppice.simulator;

import dev.coppice.simulator.world.Fleet;

/**
 * What crossed the network for one device in the whole run, on average.
 *
 * @param bytesUp bodies of requests
 * @param bytesDown bodies of answers
 */
record Traffic(long bytesUp, long bytesDown) {
    static Traffic of(Fleet fleet) {
        long up = 0;
        long down = 0;
        for (var device : fleet.devices()) {
            up += device.network().bytesUp();
            down += device.network().bytesDown();
        }
        return new Traffic(up / fleet.size(), down / fleet.size());
    }
}
