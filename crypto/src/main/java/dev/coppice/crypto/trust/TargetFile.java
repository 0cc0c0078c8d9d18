package dev.coppice.crypto.trust;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.crypto.Sha256;
import dev.coppice.protocol.Identifiers;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * One file that a role vouches for.
 *
 * @param path segments of letters, digits and {@code ._-}, none of them beginning with a dot, with slashes between
 * @param length in bytes
 * @param sha256 64 hexadecimal digits in lower case
 * @param custom texts that the role says of the file besides
 */
public record TargetFile(String path, long length, String sha256, Map<String, String> custom) {
    private static final Pattern PATH = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*");
    private static final int PATH_MAX = 512;
    private static final int CUSTOM_MAX = 32;

    public TargetFile {
        SortedMap<String, String> sorted = new TreeMap<>(custom);
        custom = Collections.unmodifiableSortedMap(sorted);
        if (path.length() > PATH_MAX || !PATH.matcher(path).matches()) {
            throw new IllegalArgumentException("a target's path is segments of letters, digits and ._-");
        }
        if (length < 0 || !Identifiers.isSha256(sha256)) {
            throw new IllegalArgumentException("a target's length or hash is out of range");
        }
    }

    /** Vouches for content. */
    public static TargetFile of(String path, byte[] content, Map<String, String> custom) {
        return new TargetFile(path, content.length, Sha256.hex(content), custom);
    }

    /** The last segment of the path. */
    public String name() {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    /** Where a repository with consistent snapshots has the file: the hash stands before the name. */
    public String location() {
        return path.substring(0, path.lastIndexOf('/') + 1) + sha256 + "." + name();
    }

    /**
     * The content, if it is what is vouched for.
     *
     * @return {@code content} itself
     * @throws MetadataRefusedException.Mismatched if it is not
     */
    public byte[] verified(byte[] content) throws MetadataRefusedException.Mismatched {
        if (content.length != length) {
            throw new MetadataRefusedException.Mismatched(path, "its length differs");
        }
        if (!Sha256.hex(content).equals(sha256)) {
            throw new MetadataRefusedException.Mismatched(path, "its SHA-256 differs");
        }
        return content;
    }

    void write(ObjectNode targets) {
        ObjectNode object = targets.putObject(path);
        if (!custom.isEmpty()) {
            ObjectNode texts = object.putObject("custom");
            custom.forEach(texts::put);
        }
        object.putObject("hashes").put("sha256", sha256);
        object.put("length", length);
    }

    static TargetFile read(String path, JsonNode object) throws MetadataRefusedException.Malformed {
        Map<String, String> custom = new TreeMap<>();
        if (object.has("custom")) {
            JsonNode texts = Fields.object(object, "custom");
            Fields.require(texts.size() <= CUSTOM_MAX, "a target has at most " + CUSTOM_MAX + " custom texts");
            for (Map.Entry<String, JsonNode> entry : texts.properties()) {
                if (entry.getValue().isTextual()) { // of other kinds none is ours
                    custom.put(entry.getKey(), entry.getValue().textValue());
                }
            }
        }
        try {
            return new TargetFile(
                    path,
                    Fields.number(object, "length", 0),
                    Fields.text(Fields.object(object, "hashes"), "sha256"),
                    custom);
        } catch (IllegalArgumentException e) {
            throw new MetadataRefusedException.Malformed(String.valueOf(e.getMessage()));
        }
    }
}
