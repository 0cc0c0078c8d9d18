package dev.coppice.benchmarks;

import dev.coppice.crypto.RandomSource;
import dev.coppice.crypto.trust.HolderKeys;
import dev.coppice.crypto.trust.MetadataRefusedException;
import dev.coppice.crypto.trust.ReleasedPack;
import dev.coppice.crypto.trust.Signatory;
import dev.coppice.crypto.trust.SignedFile;
import dev.coppice.crypto.trust.TargetsMetadata;
import dev.coppice.crypto.trust.TrustedRoot;
import dev.coppice.simulator.operator.AdminClient;
import dev.coppice.simulator.signer.Drafts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A repository whose root and release keys live as long as the measurement. */
final class MeasuredRepository implements AutoCloseable {
    static final String SKILL = "measured";

    private static final String ANY = "0".repeat(64);

    private final List<Signatory> roots = holders(Drafts.ROOT_HOLDERS);
    private final List<Signatory> releases = holders(3);
    private final AdminClient admin;
    private final TrustedRoot root;
    private TargetsMetadata targets;

    MeasuredRepository(AdminClient admin) throws IOException, InterruptedException, MetadataRefusedException {
        this.admin = admin;
        AdminClient.PublicKeys online = admin.keys();
        Instant now = InstantSource.system().instant();
        byte[] first = signed(
                Drafts.firstRoot(keys(roots), keys(releases), online.repository(), now)
                        .draft(),
                roots);
        this.root = TrustedRoot.pinned(first);
        admin.putRoot(first);
        byte[] log = online.log().getBytes(StandardCharsets.US_ASCII);
        admin.putBlob(log);
        this.targets = Drafts.firstTargets(online.repository(), log, now);
        admin.putTargets(signed(targets.draft(), releases));
    }

    TrustedRoot root() {
        return root;
    }

    void release(long version, Map<String, byte[]> files) throws IOException, InterruptedException {
        for (byte[] file : files.values()) {
            admin.putBlob(file);
        }
        ReleasedPack pack = ReleasedPack.of(SKILL, version, ANY, ANY, files);
        targets = Drafts.with(targets, pack, InstantSource.system().instant());
        admin.putTargets(signed(targets.draft(), releases));
    }

    @Override
    public void close() {
        Stream.concat(roots.stream(), releases.stream()).forEach(Signatory::close);
    }

    private static byte[] signed(SignedFile draft, List<Signatory> holders) {
        SignedFile file = draft;
        for (Signatory holder : holders) {
            file = file.signedBy(holder);
        }
        return file.toBytes();
    }

    private static List<Signatory> holders(int count) {
        return Stream.generate(() -> Signatory.generate(RandomSource.secure()))
                .limit(count)
                .toList();
    }

    private static List<HolderKeys> keys(List<Signatory> holders) {
        return holders.stream().map(Signatory::keys).toList();
    }
}
