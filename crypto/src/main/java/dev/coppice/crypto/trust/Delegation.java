package dev.coppice.crypto.trust;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.crypto.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Trust in another role for some paths (TUF specification, section 4.5).
 *
 * @param role letters, digits, dashes and underscores; none of TUF's own
 * @param paths patterns in which {@code *} and {@code ?} stand for anything but a slash; with {@code hashed}, first digits
 *     of the SHA-256 of paths
 * @param hashed which of the two
 * @param terminating whether nobody after it is asked for these paths
 */
public record Delegation(String role, RoleKeys keys, List<String> paths, boolean hashed, boolean terminating) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");
    private static final int PATHS_MAX = 256;
    private static final int PATTERN_MAX = 512;

    public Delegation {
        paths = List.copyOf(paths);
        if (!NAME.matcher(role).matches() || Role.isKey(role)) {
            throw new IllegalArgumentException("a delegated role has a name of its own");
        }
    }

    /** Trust in a role for paths by pattern, before and instead of everybody after it. */
    public static Delegation of(String role, RoleKeys keys, String... paths) {
        return new Delegation(role, keys, List.of(paths), false, true);
    }

    /** Whether the role may vouch for a path. */
    boolean covers(String path) {
        if (hashed) {
            String digits = Sha256.hex(path.getBytes(StandardCharsets.UTF_8));
            return paths.stream().anyMatch(digits::startsWith);
        }
        return paths.stream().anyMatch(pattern -> matches(pattern, path));
    }

    void write(ObjectNode keysOut, ObjectNode roleOut, ObjectNode extension) {
        roleOut.put("name", role);
        keys.write(role, keysOut, roleOut, extension);
        var list = roleOut.putArray(hashed ? "path_hash_prefixes" : "paths");
        paths.forEach(list::add);
        roleOut.put("terminating", terminating);
    }

    static Delegation read(JsonNode delegations, JsonNode role) throws MetadataRefusedException.Malformed {
        String name = Fields.text(role, "name");
        boolean hashed = role.has("path_hash_prefixes");
        Fields.require(hashed != role.has("paths"), "a delegation has either paths or path_hash_prefixes");
        List<String> paths = new ArrayList<>();
        for (JsonNode path : Fields.array(role, hashed ? "path_hash_prefixes" : "paths", PATHS_MAX)) {
            Fields.require(path.isTextual() && path.textValue().length() <= PATTERN_MAX, "a path is a short text");
            paths.add(path.textValue());
        }
        try {
            return new Delegation(
                    name, RoleKeys.read(name, delegations, role), paths, hashed, Fields.flag(role, "terminating"));
        } catch (IllegalArgumentException e) {
            throw new MetadataRefusedException.Malformed(String.valueOf(e.getMessage()));
        }
    }

    /** Segment by segment. No regular expression: who writes patterns must not decide how long matching takes. */
    private static boolean matches(String pattern, String path) {
        String[] patterns = pattern.split("/", -1);
        String[] segments = path.split("/", -1);
        if (patterns.length != segments.length) {
            return false;
        }
        for (int i = 0; i < patterns.length; i++) {
            if (!matchesSegment(patterns[i], segments[i])) {
                return false;
            }
        }
        return true;
    }

    /** Goes back to the last star only: linear in the product of the lengths. */
    private static boolean matchesSegment(String pattern, String text) {
        int p = 0;
        int t = 0;
        int star = -1;
        int resume = 0;
        while (t < text.length()) {
            if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                resume = t;
            } else if (p < pattern.length() && (pattern.charAt(p) == '?' || pattern.charAt(p) == text.charAt(t))) {
                p++;
                t++;
            } else if (star >= 0) {
                p = star + 1;
                t = ++resume;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }
}
