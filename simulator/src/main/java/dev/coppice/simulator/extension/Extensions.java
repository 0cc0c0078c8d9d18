package dev.coppice.simulator.extension;

import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Collectors;

/** Finds extensions by their names. */
public final class Extensions {
    private Extensions() {}

    /**
     * The extension of this kind and name.
     *
     * @param what the kind in words, for the message
     * @throws IllegalArgumentException if there is none, naming those that there are
     */
    public static <T extends Named> T named(Class<T> kind, String what, String name) {
        List<T> all = all(kind);
        return all.stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no " + what + " \"" + name + "\"; there are: "
                        + all.stream().map(Named::name).sorted().collect(Collectors.joining(", "))));
    }

    /** All of a kind. */
    public static <T extends Named> List<T> all(Class<T> kind) {
        return ServiceLoader.load(kind).stream()
                .map(ServiceLoader.Provider::get)
                .toList();
    }
}
