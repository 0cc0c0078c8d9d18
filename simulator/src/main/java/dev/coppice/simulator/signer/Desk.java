package dev.coppice.simulator.signer;

import dev.coppice.crypto.trust.Fetcher;
import dev.coppice.crypto.trust.MetadataRefusedException;
import dev.coppice.crypto.trust.RepositoryClient;
import dev.coppice.crypto.trust.RepositoryView;
import dev.coppice.crypto.trust.Role;
import dev.coppice.crypto.trust.RootMetadata;
import dev.coppice.crypto.trust.Signatory;
import dev.coppice.crypto.trust.SignedFile;
import dev.coppice.crypto.trust.TrustedRoot;
import dev.coppice.simulator.operator.AdminClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

/**
 * Where a holder works: a folder with the pinned {@code root.json}, what was verified of the repository ({@code trust/}), and
 * drafts that still lack signatures. What has enough of them is handed in.
 */
public final class Desk {
    /** The root that apps are built with. */
    public static final String ROOT = "root.json";

    private final Path folder;
    private final AdminClient admin;
    private final Fetcher repository;
    private final InstantSource clock;

    /** @param repository gets files of the aggregator's repository */
    public Desk(Path folder, AdminClient admin, Fetcher repository, InstantSource clock) {
        this.folder = folder;
        this.admin = admin;
        this.repository = repository;
        this.clock = clock;
    }

    /** The repository as whoever trusts the pinned root sees it. */
    public RepositoryClient client() throws IOException, MetadataRefusedException {
        return new RepositoryClient(
                repository,
                new FolderTrust(folder.resolve("trust")),
                TrustedRoot.pinned(Files.readAllBytes(folder.resolve(ROOT))));
    }

    /** The repository as it is now. */
    public RepositoryView view() throws IOException, InterruptedException, MetadataRefusedException {
        return client().refresh(clock.instant());
    }

    /**
     * The same, with metadata believed whose time is over: for who is about to renew it. Nothing older than what was seen here
     * before is believed even so.
     */
    public RepositoryView viewAlthoughExpired() throws IOException, InterruptedException, MetadataRefusedException {
        return client().refresh(Instant.EPOCH);
    }

    /**
     * Signs targets, and hands them in if enough holders have signed.
     *
     * @return in one sentence what became of them
     */
    public String targets(SignedFile draft, List<Signatory> holders, RootMetadata root)
            throws IOException, InterruptedException {
        SignedFile signed = signed(draft, holders);
        if (!signed.isSignedBy(root.keys(Role.TARGETS))) {
            return keep(signed, "targets.draft.json");
        }
        admin.putTargets(signed.toBytes());
        return "the targets are published";
    }

    /**
     * Signs the next root, and hands it in if enough holders of the present and of the next one have signed.
     *
     * @return in one sentence what became of it
     */
    public String root(SignedFile draft, RootMetadata next, List<Signatory> holders, RootMetadata present)
            throws IOException, InterruptedException {
        SignedFile signed = signed(draft, holders);
        if (!signed.isSignedBy(present.keys(Role.ROOT)) || !signed.isSignedBy(next.keys(Role.ROOT))) {
            return keep(signed, "root.draft.json");
        }
        admin.putRoot(signed.toBytes());
        return "root " + next.version() + " is published";
    }

    /** The same with one signature more of each holder. */
    public static SignedFile signed(SignedFile draft, List<Signatory> holders) {
        SignedFile file = draft;
        for (Signatory holder : holders) {
            file = file.signedBy(holder);
        }
        return file;
    }

    private String keep(SignedFile draft, String name) throws IOException {
        Path file = folder.resolve(name);
        Files.write(file, draft.toBytes());
        return "more signatures are needed: coppice pack sign " + file + ", then coppice pack publish --metadata "
                + file;
    }
}
