package dev.coppice.agent.upload;

import java.io.IOException;

/** The device sends nothing more, so nothing is retried: its user has withdrawn, or a pretended world says so. */
public final class DeviceGoneException extends IOException {
    /** @param why in a few words, without anything personal */
    public DeviceGoneException(String why) {
        super(why);
    }
}
