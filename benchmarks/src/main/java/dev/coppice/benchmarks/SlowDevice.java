package dev.coppice.benchmarks;

import dev.coppice.agent.install.LogWitness;
import dev.coppice.agent.upload.Downloads;
import dev.coppice.agent.upload.HttpTransport;
import dev.coppice.agent.upload.Pause;
import dev.coppice.agent.upload.RepositoryFiles;
import dev.coppice.agent.upload.Wire;
import dev.coppice.crypto.trust.ReleasedPack;
import dev.coppice.crypto.trust.RepositoryClient;
import dev.coppice.crypto.trust.RepositoryView;
import dev.coppice.crypto.trust.TargetFile;
import dev.coppice.crypto.trust.TrustedRoot;
import dev.coppice.simulator.signer.MemoryTrust;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** All that an agent fetches and checks before it tries a pack, at the end of a slow link. */
final class SlowDevice {
    private static final Duration REPLY_MAX = Duration.ofMinutes(5);
    private static final double NANOS = 1e9;

    private final URI server;
    private final Path parts;
    private final TrustedRoot root;
    private final MemoryTrust trust = new MemoryTrust();
    private final long bitsPerSecond;
    private final Duration oneWay;

    SlowDevice(URI server, TrustedRoot root, Path parts, long bitsPerSecond, Duration oneWay) {
        this.server = server;
        this.root = root;
        this.parts = parts;
        this.bitsPerSecond = bitsPerSecond;
        this.oneWay = oneWay;
    }

    /**
     * Looks for packs, over a connection that it has to open first.
     *
     * @param version to fetch; 0 for none
     * @param here the weights that the device has
     * @return seconds and bytes, named with a prefix
     */
    Map<String, Object> fetch(String prefix, long version, Optional<byte[]> here) throws Exception {
        try (SlowLink link = new SlowLink(server, bitsPerSecond, oneWay);
                HttpTransport transport = new HttpTransport(link.address(), REPLY_MAX)) {
            Wire wire = new Wire(transport, Pause.real());
            long begun = System.nanoTime();
            RepositoryView view = new RepositoryClient(RepositoryFiles.repository(wire), trust, root)
                    .refresh(InstantSource.system().instant());
            long looked = System.nanoTime();
            long lookedBytes = link.bytesDown();
            if (version > 0) {
                ReleasedPack pack = ReleasedPack.among(view.released(), MeasuredRepository.SKILL).stream()
                        .filter(released -> released.version() == version)
                        .findFirst()
                        .orElseThrow();
                new LogWitness(RepositoryFiles.log(wire), trust).requireLogged(view, pack);
                Downloads downloads = new Downloads(wire, parts);
                Map<String, byte[]> files = new HashMap<>();
                for (TargetFile file : pack.files().values()) {
                    files.put(file.name(), downloads.fetch(file, here));
                }
                pack.verified(files);
                downloads.clear();
            }
            Map<String, Object> figures = new LinkedHashMap<>();
            figures.put(prefix + "Seconds", (System.nanoTime() - begun) / NANOS);
            figures.put(prefix + "LookSeconds", (looked - begun) / NANOS);
            figures.put(prefix + "LookBytes", lookedBytes);
            figures.put(prefix + "BytesDown", link.bytesDown());
            figures.put(prefix + "BytesUp", link.bytesUp());
            return figures;
        }
    }
}
