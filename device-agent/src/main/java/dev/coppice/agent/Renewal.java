package dev.coppice.agent;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.pack.PackContents;
import dev.coppice.adapters.pack.PackRefusedException;
import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.adapters.text.Example;
import dev.coppice.agent.install.LogWitness;
import dev.coppice.agent.install.PackShelf;
import dev.coppice.agent.install.ShelvedPack;
import dev.coppice.agent.policy.WorkGate;
import dev.coppice.agent.training.Classroom;
import dev.coppice.agent.upload.RepositoryFiles;
import dev.coppice.agent.upload.Wire;
import dev.coppice.crypto.transparency.LogRefusedException;
import dev.coppice.crypto.trust.MetadataRefusedException;
import dev.coppice.crypto.trust.ReleasedPack;
import dev.coppice.crypto.trust.RepositoryClient;
import dev.coppice.crypto.trust.RepositoryView;
import dev.coppice.crypto.trust.TargetFile;
import dev.coppice.crypto.trust.VerifiedPack;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One look for a newer skill pack: verified, fetched, tried on the device's own examples, and only then installed. */
final class Renewal {
    /**
     * How much worse, in nats, a pack may be on the device's own held-out examples. There are only a handful of them:
     * their mean loss moves by more than this from one choice of examples to the next, so that a stricter rule would
     * refuse good packs by chance.
     */
    static final double LOSS_TOLERANCE = 0.05;

    private final AgentConfig config;
    private final Classroom classroom;
    private final PackShelf shelf;
    private final WorkGate gate;
    private final Wire wire;
    private final RepositoryClient repository;
    private final LogWitness witness;

    Renewal(AgentConfig config, Classroom classroom, Home home, WorkGate gate) {
        this.config = config;
        this.classroom = classroom;
        this.shelf = home.packs();
        this.gate = gate;
        this.wire = new Wire(config.transport(), config.pause());
        this.repository = new RepositoryClient(
                RepositoryFiles.repository(wire), home.trusted(), config.trust().repository());
        this.witness = new LogWitness(RepositoryFiles.log(wire), home.trusted());
    }

    /** A pack that may be installed, with what it holds. */
    private record Tried(VerifiedPack pack, AdapterWeights weights) {}

    /** What the repository has: all packs of the skill, and the one to try, if any. */
    private record Offer(List<ReleasedPack> released, Optional<Tried> tried) {}

    /**
     * @param inUse now
     * @param heldOut usable examples that were never trained on
     */
    Installation make(InUse inUse, List<Example> heldOut) throws IOException, InterruptedException, EngineException {
        Offer offer;
        try {
            offer = look();
        } catch (MetadataRefusedException | PackRefusedException | LogRefusedException e) {
            return new Installation.Refused(String.valueOf(e.getMessage()));
        } catch (IOException e) {
            return new Installation.Unreachable(String.valueOf(e.getMessage()));
        } finally {
            gate.moved(wire.bytesUp() + wire.bytesDown());
        }
        Optional<ShelvedPack> revoked = shelf.installed().filter(pack -> !pack.isAmong(offer.released()));
        if (revoked.isPresent()) {
            shelf.drop(offer.released());
        }
        if (offer.tried().isPresent()) {
            return install(offer.tried().get(), inUse, heldOut);
        }
        return revoked.isPresent()
                ? new Installation.Revoked(
                        revoked.get().version(),
                        shelf.installed().map(ShelvedPack::version).orElse(0L))
                : new Installation.UpToDate(inUse.version());
    }

    private Offer look()
            throws IOException, InterruptedException, MetadataRefusedException, PackRefusedException,
                    LogRefusedException {
        RepositoryView view = repository.refresh(config.clock().instant());
        List<ReleasedPack> released = ReleasedPack.among(view.released(), config.skill());
        Optional<ReleasedPack> newest = newest(released).filter(pack -> pack.version() > shelf.versionSeen());
        return new Offer(released, newest.isPresent() ? Optional.of(fetch(view, newest.get())) : Optional.empty());
    }

    /** Packs for other models and other forms of adapters are for other devices. */
    private Optional<ReleasedPack> newest(List<ReleasedPack> released) {
        return released.stream()
                .filter(pack ->
                        pack.fits(config.baseModel().sha256(), classroom.kit().sha256()))
                .reduce((older, newer) -> newer);
    }

    private Tried fetch(RepositoryView view, ReleasedPack release)
            throws IOException, InterruptedException, MetadataRefusedException, PackRefusedException,
                    LogRefusedException {
        witness.requireLogged(view, release);
        Map<String, byte[]> files = new HashMap<>();
        for (TargetFile file : release.files().values()) {
            files.put(file.name(), view.download(file));
        }
        VerifiedPack pack = release.verified(files);
        return new Tried(pack, PackContents.read(pack.files(), classroom.kit()).weights());
    }

    private Installation install(Tried tried, InUse inUse, List<Example> heldOut)
            throws IOException, InterruptedException, EngineException {
        long version = tried.pack().release().version();
        double before = Double.NaN;
        double after = Double.NaN;
        if (!heldOut.isEmpty()) {
            before = classroom.judge(inUse.pack(), heldOut).loss();
            after = classroom.judge(tried.weights(), heldOut).loss();
            if (!(after <= before + LOSS_TOLERANCE)) {
                shelf.decline(version);
                return new Installation.RolledBack(
                        version, before, after, "worse on " + heldOut.size() + " held-out examples of this device");
            }
        }
        shelf.install(tried.pack());
        return new Installation.Installed(version, before, after);
    }
}
