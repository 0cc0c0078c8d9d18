package dev.coppice.crypto.trust;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What a repository said at one moment, verified. For one thread at a time. */
public final class RepositoryView {
    private static final int ROLES_MAX = 32;

    private final RootMetadata root;
    private final TargetsMetadata targets;
    private final MetadataLoader loader;

    RepositoryView(RootMetadata root, TargetsMetadata targets, MetadataLoader loader) {
        this.root = root;
        this.targets = targets;
        this.loader = loader;
    }

    /** The latest root. */
    public RootMetadata root() {
        return root;
    }

    /** What the role {@code targets} says. */
    public TargetsMetadata targets() {
        return targets;
    }

    /** The files that holders of release keys vouch for themselves: the only ones that may be installed. */
    public Collection<TargetFile> released() {
        return targets.targets().values();
    }

    /**
     * What one of the roles that {@code targets} delegates to vouches for within the paths that are its own; empty if it
     * has said nothing yet.
     */
    public Collection<TargetFile> delegated(String role)
            throws MetadataRefusedException, IOException, InterruptedException {
        for (Delegation delegation : targets.delegations()) {
            if (delegation.role().equals(role)) {
                return loader.announces(role)
                        ? loader.load(role, delegation.keys()).targets().values().stream()
                                .filter(file -> delegation.covers(file.path()))
                                .toList()
                        : List.of();
            }
        }
        return List.of();
    }

    /**
     * Whoever comes first, depth first, in the order of delegations (TUF specification, section 5.6.7), vouches for a
     * path; so an online role may well have. At most {@value #ROLES_MAX} roles are asked, each once.
     */
    public Optional<TargetFile> find(String path) throws MetadataRefusedException, IOException, InterruptedException {
        Deque<Delegation> waiting = new ArrayDeque<>();
        Set<String> asked = new HashSet<>();
        TargetsMetadata role = targets;
        while (true) {
            TargetFile found = role.targets().get(path);
            if (found != null) {
                return Optional.of(found);
            }
            push(role.delegations(), path, waiting);
            Delegation next;
            do {
                if (waiting.isEmpty() || asked.size() == ROLES_MAX) {
                    return Optional.empty();
                }
                next = waiting.pop();
            } while (!asked.add(next.role()));
            role = loader.load(next.role(), next.keys());
        }
    }

    /** The content of a file that one of the roles vouches for. */
    public byte[] download(TargetFile target) throws MetadataRefusedException, IOException, InterruptedException {
        return loader.download(target);
    }

    /** Those that cover the path, first one on top; a terminating one ends the search after it. */
    private static void push(List<Delegation> delegations, String path, Deque<Delegation> waiting) {
        Deque<Delegation> covering = new ArrayDeque<>();
        for (Delegation delegation : delegations) {
            if (delegation.covers(path)) {
                covering.push(delegation);
                if (delegation.terminating()) {
                    waiting.clear();
                    break;
                }
            }
        }
        covering.forEach(waiting::push);
    }
}
