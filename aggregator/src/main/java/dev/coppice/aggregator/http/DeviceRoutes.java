package dev.coppice.aggregator.http;

import dev.coppice.aggregator.access.Paths;
import dev.coppice.aggregator.round.CheckInDesk;
import dev.coppice.protocol.Limits;
import java.util.OptionalLong;

/** How long the bodies are that devices and the console's pages send. */
final class DeviceRoutes {
    static final int SMALL_BYTES_MAX = 1024;

    /** What an envelope adds to its message. */
    private static final int ENVELOPE_BYTES_MAX = 1024;

    /** A task's definition is the longest. */
    private static final int FORM_BYTES_MAX = 65_536;

    private DeviceRoutes() {}

    /** Most bytes that are taken at a path; empty where operators' programs send. */
    static OptionalLong bytesMax(String path) {
        if (path.startsWith(Paths.CONSOLE + "/")) {
            return OptionalLong.of(FORM_BYTES_MAX);
        }
        if (!path.startsWith("/v1/") || path.startsWith(Paths.ADMIN)) {
            return OptionalLong.empty();
        }
        int messageBytesMax = switch (path.substring(path.lastIndexOf('/') + 1)) {
            case "masked" -> Limits.MASKED_INPUT_BYTES_MAX;
            case "shares", "unmask" -> Limits.ROUND_MESSAGE_BYTES_MAX;
            case "advertise" -> Limits.ADVERTISEMENT_BYTES_MAX;
            case "checkin" -> CheckInDesk.CHECK_IN_BYTES_MAX;
            default -> SMALL_BYTES_MAX;
        };
        return OptionalLong.of(messageBytesMax + ENVELOPE_BYTES_MAX);
    }
}
