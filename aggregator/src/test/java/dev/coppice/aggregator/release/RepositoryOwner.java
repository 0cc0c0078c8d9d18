package dev.coppice.aggregator.release;

import dev.coppice.crypto.trust.Delegation;
import dev.coppice.crypto.trust.HolderKeys;
import dev.coppice.crypto.trust.OnlineRole;
import dev.coppice.crypto.trust.Role;
import dev.coppice.crypto.trust.RoleKeys;
import dev.coppice.crypto.trust.RootMetadata;
import dev.coppice.crypto.trust.Signatory;
import dev.coppice.crypto.trust.SignedFile;
import dev.coppice.crypto.trust.TargetFile;
import dev.coppice.crypto.trust.TargetsMetadata;
import dev.coppice.testkit.SeededBytes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Whoever has the offline keys: root 2 of 3, targets 2 of 3. Seeded. */
public final class RepositoryOwner {
    public static final Duration LIFE = Duration.ofDays(365);

    public List<Signatory> root = holders(1);
    public List<Signatory> targets = holders(10);
    public final Map<String, HolderKeys> online;

    /** @param online the server's keys, by role */
    public RepositoryOwner(Map<String, HolderKeys> online) {
        this.online = new TreeMap<>(online);
    }

    public static List<Signatory> holders(long seed) {
        List<Signatory> holders = new ArrayList<>();
        for (long i = seed; i < seed + 3; i++) {
            holders.add(Signatory.generate(new SeededBytes(i)::fill));
        }
        return List.copyOf(holders);
    }

    /** A root with the present holders, signed by these. */
    public byte[] root(long version, Instant now, List<Signatory> signers) {
        Map<Role, RoleKeys> roles = new EnumMap<>(Role.class);
        roles.put(Role.ROOT, keys(root));
        roles.put(Role.TARGETS, keys(targets));
        roles.put(Role.SNAPSHOT, of("snapshot"));
        roles.put(Role.TIMESTAMP, of("timestamp"));
        return signed(new RootMetadata(version, now.plus(LIFE), roles).draft(), signers);
    }

    /** Targets that list these files, signed by two holders. */
    public byte[] targets(long version, Instant now, TargetFile... files) {
        Map<String, TargetFile> byPath = new TreeMap<>();
        for (TargetFile file : files) {
            byPath.put(file.path(), file);
        }
        List<Delegation> delegations = Arrays.stream(OnlineRole.values())
                .map(role -> role.delegation(of(role.key())))
                .toList();
        return signed(new TargetsMetadata(version, now.plus(LIFE), byPath, delegations).draft(), targets.subList(0, 2));
    }

    public static byte[] signed(SignedFile draft, List<Signatory> signers) {
        SignedFile file = draft;
        for (Signatory signer : signers) {
            file = file.signedBy(signer);
        }
        return file.toBytes();
    }

    private static RoleKeys keys(List<Signatory> holders) {
        return RoleKeys.of(holders.stream().map(Signatory::keys).toList(), 2);
    }

    private RoleKeys of(String role) {
        HolderKeys keys = online.get(role);
        if (keys == null) {
            throw new AssertionError("no key for " + role);
        }
        return RoleKeys.of(List.of(keys), 1);
    }
}
