package dev.coppice.simulator;

import dev.coppice.agent.upload.Pause;
import dev.coppice.agent.upload.RepositoryFiles;
import dev.coppice.agent.upload.Transport;
import dev.coppice.agent.upload.Wire;
import dev.coppice.crypto.trust.MetadataRefusedException;
import dev.coppice.crypto.trust.ReleasedPack;
import dev.coppice.crypto.trust.RepositoryClient;
import dev.coppice.crypto.trust.RepositoryView;
import dev.coppice.crypto.trust.TargetFile;
import dev.coppice.crypto.trust.TrustedRoot;
import dev.coppice.simulator.report.Summary;
import dev.coppice.simulator.signer.MemoryTrust;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;

/** The released pack as anyone can download it, kept beside the report for people to look into. */
final class KeptPack {
    private KeptPack() {}

    /** Downloads the files of the latest pack. */
    static Summary.Pack keep(Transport transport, TrustedRoot root, InstantSource clock, Path folder)
            throws IOException, InterruptedException {
        RepositoryClient client = new RepositoryClient(
                RepositoryFiles.repository(new Wire(transport, Pause.real())), new MemoryTrust(), root);
        try {
            RepositoryView view = client.refresh(clock.instant());
            ReleasedPack pack =
                    ReleasedPack.among(view.released(), Fleets.SKILL).getLast();
            Files.createDirectories(folder);
            for (TargetFile file : pack.files().values()) {
                Files.write(folder.resolve(file.name()), view.download(file));
            }
            return new Summary.Pack(pack.skill(), pack.version(), pack.id());
        } catch (MetadataRefusedException e) {
            throw new IOException("the repository cannot be believed: " + e.getMessage(), e);
        }
    }
}
