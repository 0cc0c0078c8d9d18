package dev.coppice.adapters.format;

import java.util.List;

/**
 * Modules that have factors, as {@code target_modules} names them.
 *
 * @param names ends of module paths
 * @param pattern in place of names: a regular expression for whole paths, or {@code all-linear}; else empty
 */
public record PeftTargets(List<String> names, String pattern) {
    static final String ALL = "all-linear";

    /** @throws IllegalArgumentException if there are both */
    public PeftTargets {
        names = List.copyOf(names);
        if (!names.isEmpty() && !pattern.isEmpty()) {
            throw new IllegalArgumentException("target_modules is either a list of names or a pattern");
        }
    }

    /** Modules by the ends of their paths. */
    public static PeftTargets ends(List<String> names) {
        return new PeftTargets(names, "");
    }

    boolean include(String module) throws FormatRefusedException {
        if (pattern.isEmpty()) {
            return names.stream().anyMatch(name -> isEnd(name, module));
        }
        return pattern.equals(ALL) || PeftPattern.whole(pattern).matches(module);
    }

    /** Whether a name is a path or its last parts. */
    static boolean isEnd(String name, String path) {
        return path.equals(name) || path.endsWith("." + name);
    }
}
