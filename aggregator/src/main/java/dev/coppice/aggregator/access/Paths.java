package dev.coppice.aggregator.access;

import io.micronaut.http.HttpRequest;

/** Which front door a request came to. */
public final class Paths {
    public static final String ADMIN = "/v1/admin";
    public static final String CONSOLE = "/console";
    public static final String LOGIN = CONSOLE + "/login";

    /** Where an identity provider sends browsers back to. */
    public static final String CALLBACK = LOGIN + "/callback";

    private Paths() {}

    public static boolean isAdmin(HttpRequest<?> request) {
        return isBelow(ADMIN, request.getPath());
    }

    public static boolean isConsole(HttpRequest<?> request) {
        return isBelow(CONSOLE, request.getPath());
    }

    private static boolean isBelow(String prefix, String path) {
        return path.equals(prefix) || path.startsWith(prefix + "/");
    }
}
