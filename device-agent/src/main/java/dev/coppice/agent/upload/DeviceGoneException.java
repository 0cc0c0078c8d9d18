package dev.coppice.agent.upload;

import java.io.IOException;

/** The device has left the network for good, so nothing is retried. Thrown by transports that pretend a world. */
public final class DeviceGoneException extends IOException {
    /** @param why in a few words, without anything personal */
    public DeviceGoneException(String why) {
        super(why);
    }
}
