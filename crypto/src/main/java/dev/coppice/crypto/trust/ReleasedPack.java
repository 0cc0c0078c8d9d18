package dev.coppice.crypto.trust;

import dev.coppice.crypto.Sha256;
import dev.coppice.protocol.Identifiers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One version of a skill as the holders of release keys vouch for it: the targets {@code skills/<skill>/<version>/<file>}.
 *
 * @param version counts up from 1
 * @param baseModelSha256 the model that it adapts
 * @param kitSha256 the form of its adapter
 * @param files by name, 1 to 16 of at most 64 MiB
 */
public record ReleasedPack(
        String skill, long version, String baseModelSha256, String kitSha256, SortedMap<String, TargetFile> files) {
    /** Most files of a pack. */
    public static final int FILES_MAX = 16;

    /** Longest file of a pack, in bytes. */
    public static final int FILE_BYTES_MAX = 1 << 26;

    private static final Pattern PATH = Pattern.compile("skills/([a-z0-9-]{1,64})/([1-9][0-9]{0,14})/([^/]+)");
    private static final String BASE_MODEL = "base-model";
    private static final String KIT = "kit";

    /** @throws IllegalArgumentException if a value is out of range */
    public ReleasedPack {
        files = Collections.unmodifiableSortedMap(new TreeMap<>(files));
        boolean fits = Identifiers.isIdentifier(skill)
                && version >= 1
                && Identifiers.isSha256(baseModelSha256)
                && Identifiers.isSha256(kitSha256)
                && !files.isEmpty()
                && files.size() <= FILES_MAX
                && files.values().stream().allMatch(file -> file.length() <= FILE_BYTES_MAX);
        if (!fits) {
            throw new IllegalArgumentException("a pack's name, version, hashes or files are out of range");
        }
    }

    /** The pack that these contents make. */
    public static ReleasedPack of(
            String skill, long version, String baseModelSha256, String kitSha256, Map<String, byte[]> contents) {
        Map<String, String> custom = Map.of(BASE_MODEL, baseModelSha256, KIT, kitSha256);
        SortedMap<String, TargetFile> files = new TreeMap<>();
        contents.forEach((name, content) ->
                files.put(name, TargetFile.of(folder(skill, version) + name, content, custom)));
        return new ReleasedPack(skill, version, baseModelSha256, kitSha256, files);
    }

    /** The packs of one skill among released files, ascending by version. */
    public static List<ReleasedPack> among(Collection<TargetFile> released, String skill) {
        return among(released).stream()
                .filter(pack -> pack.skill().equals(skill))
                .toList();
    }

    /**
     * All packs among released files, by skill and ascending by version. Files that make no pack (different models in one
     * version, too many, too large) are passed over: nobody could install them.
     */
    public static List<ReleasedPack> among(Collection<TargetFile> released) {
        SortedMap<String, SortedMap<Long, SortedMap<String, TargetFile>>> skills = new TreeMap<>();
        for (TargetFile file : released) {
            Matcher path = PATH.matcher(file.path());
            if (path.matches()) {
                skills.computeIfAbsent(path.group(1), name -> new TreeMap<>())
                        .computeIfAbsent(Long.valueOf(path.group(2)), number -> new TreeMap<>())
                        .put(path.group(3), file);
            }
        }
        List<ReleasedPack> packs = new ArrayList<>();
        skills.forEach((skill, versions) ->
                versions.forEach((version, files) -> of(skill, version, files).ifPresent(packs::add)));
        return List.copyOf(packs);
    }

    private static Optional<ReleasedPack> of(String skill, long version, SortedMap<String, TargetFile> files) {
        Map<String, String> custom = files.values().iterator().next().custom();
        if (!files.values().stream().allMatch(file -> file.custom().equals(custom))) {
            return Optional.empty();
        }
        try {
            return Optional.of(new ReleasedPack(
                    skill, version, custom.getOrDefault(BASE_MODEL, ""), custom.getOrDefault(KIT, ""), files));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Whether a device with this model, whose adapter has this form, can use it. */
    public boolean fits(String modelSha256, String formSha256) {
        return baseModelSha256.equals(modelSha256) && kitSha256.equals(formSha256);
    }

    /** The SHA-256 of all that identifies the pack: names and hashes of its files, and what it is for. */
    public String id() {
        StringBuilder text = new StringBuilder(folder(skill, version))
                .append('\n')
                .append(baseModelSha256)
                .append('\n')
                .append(kitSha256);
        files.forEach((name, file) -> text.append('\n').append(name).append(' ').append(file.sha256()));
        return Sha256.hex(text.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** What a transparency log says of the pack. */
    public String logEntry() {
        return "coppice skill pack\n" + skill + "\n" + version + "\n" + id() + "\n";
    }

    /**
     * One of the pack's files.
     *
     * @throws MetadataRefusedException.Missing if nobody vouches for it
     */
    public TargetFile file(String name) throws MetadataRefusedException.Missing {
        TargetFile file = files.get(name);
        if (file == null) {
            throw new MetadataRefusedException.Missing(folder(skill, version) + name);
        }
        return file;
    }

    /**
     * The pack with those of its files that a device needs, if they are exactly the ones that are vouched for.
     *
     * @param contents by name; copied
     * @return the only type that may be installed
     * @throws MetadataRefusedException naming the first file that nobody vouches for, or that is different
     */
    public VerifiedPack verified(Map<String, byte[]> contents) throws MetadataRefusedException {
        SortedMap<String, byte[]> verified = new TreeMap<>();
        for (Map.Entry<String, byte[]> content : contents.entrySet()) {
            verified.put(
                    content.getKey(),
                    file(content.getKey()).verified(content.getValue().clone()));
        }
        return new VerifiedPack(this, verified);
    }

    private static String folder(String skill, long version) {
        return "skills/" + skill + "/" + version + "/";
    }
}
