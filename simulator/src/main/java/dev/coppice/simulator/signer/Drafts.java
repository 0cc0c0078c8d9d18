package dev.coppice.simulator.signer;

import dev.coppice.crypto.transparency.LogKey;
import dev.coppice.crypto.trust.Delegation;
import dev.coppice.crypto.trust.HolderKeys;
import dev.coppice.crypto.trust.OnlineRole;
import dev.coppice.crypto.trust.ReleasedPack;
import dev.coppice.crypto.trust.Role;
import dev.coppice.crypto.trust.RoleKeys;
import dev.coppice.crypto.trust.RootMetadata;
import dev.coppice.crypto.trust.TargetFile;
import dev.coppice.crypto.trust.TargetsMetadata;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** The metadata that offline keys sign: root 3 of 5 for a year, targets 2 of 3 for 90 days. */
public final class Drafts {
    /** How many root keys there are, and how many of them sign. */
    public static final int ROOT_HOLDERS = 5;

    static final int ROOT_THRESHOLD = 3;
    static final int TARGETS_THRESHOLD = 2;
    private static final Duration ROOT_LIFE = Duration.ofDays(365);
    private static final Duration TARGETS_LIFE = Duration.ofDays(90);

    private Drafts() {}

    /**
     * The root of a new repository.
     *
     * @param online the server's keys, by role
     */
    public static RootMetadata firstRoot(
            List<HolderKeys> root, List<HolderKeys> targets, Map<String, HolderKeys> online, Instant now) {
        Map<Role, RoleKeys> roles = new EnumMap<>(Role.class);
        roles.put(Role.ROOT, RoleKeys.of(root, ROOT_THRESHOLD));
        roles.put(Role.TARGETS, RoleKeys.of(targets, TARGETS_THRESHOLD));
        for (Role role : List.of(Role.SNAPSHOT, Role.TIMESTAMP)) {
            roles.put(role, RoleKeys.of(List.of(key(online, role.key())), 1));
        }
        return new RootMetadata(1, now.plus(ROOT_LIFE), roles);
    }

    /** The next root with nothing changed but its end. */
    public static RootMetadata renewed(RootMetadata present, Instant now) {
        return new RootMetadata(present.version() + 1, now.plus(ROOT_LIFE), present.roles());
    }

    /** The next targets with nothing changed but their end. */
    public static TargetsMetadata renewed(TargetsMetadata present, Instant now) {
        return next(present, present.targets(), now);
    }

    /** The next root with one holder in another's place, in every role that had the old one. */
    public static RootMetadata rotated(RootMetadata present, HolderKeys old, HolderKeys fresh, Instant now) {
        Map<Role, RoleKeys> roles = new EnumMap<>(Role.class);
        present.roles().forEach((role, keys) -> roles.put(role, keys.has(old) ? keys.replacing(old, fresh) : keys));
        if (roles.equals(present.roles())) {
            throw new IllegalArgumentException("no role has the key that is to be replaced");
        }
        return new RootMetadata(present.version() + 1, now.plus(ROOT_LIFE), roles);
    }

    /**
     * No packs yet, trust in the server for the roles that are its own, and the log that packs have to be in.
     *
     * @param logKey of the transparency log, as signed notes have it
     */
    public static TargetsMetadata firstTargets(Map<String, HolderKeys> online, byte[] logKey, Instant now) {
        List<Delegation> delegations = Arrays.stream(OnlineRole.values())
                .map(role -> role.delegation(RoleKeys.of(List.of(key(online, role.key())), 1)))
                .toList();
        TargetFile log = TargetFile.of(LogKey.TARGET, logKey, Map.of());
        return new TargetsMetadata(1, now.plus(TARGETS_LIFE), Map.of(log.path(), log), delegations);
    }

    /**
     * The next targets with one more pack.
     *
     * @throws IllegalArgumentException if this version of the skill is there already
     */
    public static TargetsMetadata with(TargetsMetadata present, ReleasedPack pack, Instant now) {
        SortedMap<String, TargetFile> files = new TreeMap<>(present.targets());
        pack.files().values().forEach(file -> {
            if (files.put(file.path(), file) != null) {
                throw new IllegalArgumentException(file.path() + " is released already");
            }
        });
        return next(present, files, now);
    }

    /**
     * The next targets without a pack: devices that have it drop it.
     *
     * @throws IllegalArgumentException if there is no such pack
     */
    public static TargetsMetadata without(TargetsMetadata present, String skill, long version, Instant now) {
        SortedMap<String, TargetFile> files = new TreeMap<>(present.targets());
        if (!files.keySet().removeIf(path -> path.startsWith("skills/" + skill + "/" + version + "/"))) {
            throw new IllegalArgumentException("there is no version " + version + " of " + skill);
        }
        return next(present, files, now);
    }

    private static TargetsMetadata next(TargetsMetadata present, Map<String, TargetFile> files, Instant now) {
        return new TargetsMetadata(present.version() + 1, now.plus(TARGETS_LIFE), files, present.delegations());
    }

    private static HolderKeys key(Map<String, HolderKeys> online, String role) {
        return Optional.ofNullable(online.get(role))
                .orElseThrow(() -> new IllegalArgumentException("the server has no key for " + role));
    }
}
