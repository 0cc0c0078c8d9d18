package dev.coppice.agent;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.pack.PackContents;
import dev.coppice.adapters.pack.PackRefusedException;
import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.adapters.text.Example;
import dev.coppice.agent.install.PackShelf;
import dev.coppice.agent.policy.WorkGate;
import dev.coppice.agent.training.Classroom;
import dev.coppice.agent.upload.Blobs;
import dev.coppice.agent.upload.ServerRefusedException;
import dev.coppice.agent.upload.Wire;
import dev.coppice.crypto.trust.OfferedRelease;
import dev.coppice.crypto.trust.ReleaseRefusedException;
import dev.coppice.crypto.trust.ReleaseVerifier;
import dev.coppice.crypto.trust.VerifiedPack;
import dev.coppice.crypto.trust.VerifiedRelease;
import dev.coppice.protocol.release.PackFile;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One look for a newer skill pack: fetched, verified, tried on the device's own examples, and only then installed. */
final class Renewal {
    /**
     * How much worse, in nats, a pack may be on the device's own held-out examples. There are only a handful of them:
     * their mean loss moves by more than this from one choice of examples to the next, so that a stricter rule would
     * refuse good packs by chance.
     */
    static final double LOSS_TOLERANCE = 0.05;

    private static final int NOT_FOUND = 404;

    private final AgentConfig config;
    private final Classroom classroom;
    private final PackShelf shelf;
    private final WorkGate gate;
    private final Wire wire;

    Renewal(AgentConfig config, Classroom classroom, PackShelf shelf, WorkGate gate) {
        this.config = config;
        this.classroom = classroom;
        this.shelf = shelf;
        this.gate = gate;
        this.wire = new Wire(config.transport(), config.pause());
    }

    /** A pack that may be installed, with what it holds. */
    private record Tried(VerifiedPack pack, AdapterWeights weights) {}

    /**
     * @param inUse now
     * @param heldOut usable examples that were never trained on
     */
    Installation make(InUse inUse, List<Example> heldOut) throws IOException, InterruptedException, EngineException {
        OfferedRelease offer;
        Tried tried;
        try {
            offer = OfferedRelease.parse(wire.get("/v1/packs/" + config.skill(), OfferedRelease.BYTES_MAX)
                    .toByteArray());
            if (offer.unverifiedVersion() == shelf.versionSeen()) {
                return new Installation.UpToDate(inUse.version());
            }
            tried = fetch(offer);
        } catch (ReleaseRefusedException | PackRefusedException | Blobs.WrongBlobException e) {
            return new Installation.Refused(String.valueOf(e.getMessage()));
        } catch (ServerRefusedException e) {
            return e.status() == NOT_FOUND && shelf.versionSeen() == 0
                    ? new Installation.UpToDate(inUse.version())
                    : new Installation.Unreachable(String.valueOf(e.getMessage()));
        } catch (IOException e) {
            return new Installation.Unreachable(String.valueOf(e.getMessage()));
        } finally {
            gate.moved(wire.bytesUp() + wire.bytesDown());
        }
        return install(tried, inUse, heldOut);
    }

    private Tried fetch(OfferedRelease offer)
            throws IOException, InterruptedException, ServerRefusedException, ReleaseRefusedException,
                    PackRefusedException {
        ReleaseVerifier verifier = new ReleaseVerifier(
                config.trust().release(), config.skill(), config.baseModel().sha256());
        VerifiedRelease release =
                verifier.verify(offer, shelf.versionSeen(), config.clock().instant());
        if (!release.manifest().getKitSha256().equals(classroom.kit().sha256())) {
            throw new PackRefusedException("the pack's adapter has another form than the app's");
        }
        Map<String, byte[]> files = new HashMap<>();
        for (PackFile file : release.files()) {
            files.put(file.getName(), Blobs.fetch(wire, file.getSha256(), (int) file.getBytes()));
        }
        VerifiedPack pack = release.verifyFiles(files);
        return new Tried(pack, PackContents.read(pack.files(), classroom.kit()).weights());
    }

    private Installation install(Tried tried, InUse inUse, List<Example> heldOut)
            throws IOException, InterruptedException, EngineException {
        long version = tried.pack().manifest().getVersion();
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
