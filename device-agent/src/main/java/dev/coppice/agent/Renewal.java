package dev.coppice.agent;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.kit.Kit;
import dev.coppice.adapters.pack.KitAdapters;
import dev.coppice.adapters.pack.PackContents;
import dev.coppice.adapters.pack.PackRefusedException;
import dev.coppice.adapters.pack.Provenance;
import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.adapters.text.Example;
import dev.coppice.agent.install.LogWitness;
import dev.coppice.agent.install.OwnRounds;
import dev.coppice.agent.install.PackPin;
import dev.coppice.agent.install.PackShelf;
import dev.coppice.agent.install.PackTrial;
import dev.coppice.agent.install.RolloutReader;
import dev.coppice.agent.install.ShelvedPack;
import dev.coppice.agent.install.TrialShelf;
import dev.coppice.agent.policy.WorkGate;
import dev.coppice.agent.training.Classroom;
import dev.coppice.agent.training.Judgement;
import dev.coppice.agent.upload.Downloads;
import dev.coppice.agent.upload.RepositoryFiles;
import dev.coppice.agent.upload.UnreachableException;
import dev.coppice.agent.upload.Wire;
import dev.coppice.crypto.transparency.LogRefusedException;
import dev.coppice.crypto.trust.MetadataRefusedException;
import dev.coppice.crypto.trust.ReleasedPack;
import dev.coppice.crypto.trust.RepositoryClient;
import dev.coppice.crypto.trust.RepositoryView;
import dev.coppice.crypto.trust.VerifiedPack;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

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
    private final TrialShelf trials;
    private final WorkGate gate;
    private final Wire wire;
    private final RepositoryClient repository;
    private final LogWitness witness;
    private final RolloutReader rollout;
    private final Downloads downloads;
    private final PackPin pin;
    private final OwnRounds ownRounds;

    Renewal(AgentConfig config, Classroom classroom, Home home, WorkGate gate) {
        this.config = config;
        this.classroom = classroom;
        this.shelf = home.packs();
        this.trials = home.trials();
        this.gate = gate;
        this.wire = new Wire(config.transport(), config.pause());
        this.repository = new RepositoryClient(
                RepositoryFiles.repository(wire), home.trusted(), config.trust().repository());
        this.rollout = new RolloutReader(config.skill(), home.trusted(), config.random());
        this.witness = new LogWitness(RepositoryFiles.log(wire), home.trusted());
        this.downloads = new Downloads(wire, config.home().resolve("partial"));
        this.pin = home.pin();
        this.ownRounds = new OwnRounds(home.seenRounds(), config.trust().server());
    }

    /** A pack that may be installed, with what it holds. */
    private record Tried(VerifiedPack pack, AdapterWeights weights) {}

    /**
     * @param inUse now
     * @param heldOut usable examples that were never trained on
     */
    Installation make(InUse inUse, List<Example> heldOut) throws IOException, InterruptedException, EngineException {
        try {
            RepositoryView view = repository.refresh(config.clock().instant());
            List<ReleasedPack> released = ReleasedPack.among(view.released(), config.skill());
            Optional<ShelvedPack> revoked = shelf.installed().filter(pack -> !pack.isAmong(released));
            if (revoked.isPresent()) { // before anything else could go wrong
                shelf.drop(released);
                return new Installation.Revoked(revoked.get().version(), installedVersion());
            }
            return follow(view, released, inUse, heldOut);
        } catch (MetadataRefusedException | PackRefusedException | LogRefusedException e) {
            return new Installation.Refused(String.valueOf(e.getMessage()));
        } catch (UnreachableException e) {
            return new Installation.Unreachable(String.valueOf(e.getMessage()));
        } finally {
            gate.moved(wire.bytesUp() + wire.bytesDown());
        }
    }

    private Installation follow(RepositoryView view, List<ReleasedPack> released, InUse inUse, List<Example> heldOut)
            throws IOException, InterruptedException, EngineException, MetadataRefusedException, PackRefusedException,
                    LogRefusedException {
        List<ReleasedPack> fitting = released.stream() // packs for other models and other forms are for other devices
                .filter(pack ->
                        pack.fits(config.baseModel().sha256(), classroom.kit().sha256()))
                .toList();
        OptionalLong told = told(view, fitting);
        long installed = installedVersion();
        if (told.isPresent() && told.getAsLong() == 0 && installed > 0) {
            shelf.clear();
            return new Installation.Returned(installed, 0);
        }
        Optional<ReleasedPack> wanted = fitting.stream()
                .filter(pack -> told.isEmpty() || pack.version() == told.getAsLong())
                .reduce((older, newer) -> newer);
        if (wanted.isPresent() && told.isPresent() && wanted.get().version() < installed) {
            shelf.returnTo(fetch(view, wanted.get()).pack());
            return new Installation.Returned(installed, wanted.get().version());
        }
        return wanted.isPresent() && isNew(wanted.get().version())
                ? install(fetch(view, wanted.get()), inUse, heldOut)
                : upToDate(inUse.version());
    }

    /**
     * Nothing comes twice by an aggregator's word. The user may well want back what is still vouched for, unless it was worse
     * here.
     */
    private boolean isNew(long version) throws IOException {
        boolean isWantedBack = version > installedVersion()
                && pinned().equals(OptionalLong.of(version))
                && !trials.find(version).map(PackTrial::wentBack).orElse(false);
        return version > shelf.versionSeen() || isWantedBack;
    }

    private Installation upToDate(long version) throws IOException {
        downloads.clear(); // what was on its way is not wanted any more
        return new Installation.UpToDate(version);
    }

    /** The version that the app or else the user pinned, or that the rollout names for this device; empty if nobody says anything. */
    private OptionalLong told(RepositoryView view, List<ReleasedPack> fitting)
            throws IOException, InterruptedException, MetadataRefusedException {
        OptionalLong pinned = pinned();
        if (pinned.isPresent() && fitting.stream().anyMatch(pack -> pack.version() == pinned.getAsLong())) {
            return pinned;
        }
        return rollout.version(view, config.deviceClass());
    }

    private OptionalLong pinned() {
        return config.pinnedPack().isPresent() ? config.pinnedPack() : pin.find();
    }

    private long installedVersion() {
        return shelf.installed().map(ShelvedPack::version).orElse(0L);
    }

    private Tried fetch(RepositoryView view, ReleasedPack release)
            throws IOException, InterruptedException, MetadataRefusedException, PackRefusedException,
                    LogRefusedException {
        witness.requireLogged(view, release);
        Map<String, byte[]> files = new HashMap<>();
        Map<String, byte[]> here = here();
        for (String name : PackContents.NEEDED) {
            files.put(name, downloads.fetch(release.file(name), Optional.ofNullable(here.get(name))));
        }
        VerifiedPack pack = release.verified(files);
        if (ownRounds.isWorthAsking() && release.files().containsKey(Provenance.FILE)) {
            byte[] statement = downloads.fetch(release.file(Provenance.FILE), Optional.empty());
            ownRounds.requireSame(statement, config.skill(), files);
        }
        downloads.clear();
        return new Tried(pack, PackContents.read(pack.files(), classroom.kit()).weights());
    }

    /** What need not come again: the files of the installed pack, or of the adapter that training began from. */
    private Map<String, byte[]> here() {
        Kit kit = classroom.kit();
        return shelf.installed()
                .filter(pack -> pack.fits(kit.modelSha256(), kit.sha256()))
                .map(ShelvedPack::files)
                .orElseGet(() -> KitAdapters.toPeft(kit, kit.initial()).files());
    }

    private Installation install(Tried tried, InUse inUse, List<Example> heldOut)
            throws IOException, InterruptedException, EngineException {
        long version = tried.pack().release().version();
        if (heldOut.isEmpty()) {
            trials.keep(new PackTrial(version, OptionalDouble.empty(), OptionalDouble.empty(), false, false));
            shelf.install(tried.pack());
            return new Installation.Installed(version, Double.NaN, Double.NaN);
        }
        Judgement before = classroom.judge(inUse.pack(), heldOut);
        Judgement after = classroom.judge(tried.weights(), heldOut);
        boolean worse = isWorse(before, after);
        trials.keep(new PackTrial(
                version, OptionalDouble.of(before.accuracy()), OptionalDouble.of(after.accuracy()), worse, false));
        if (worse) {
            shelf.decline(version);
            return new Installation.RolledBack(
                    version,
                    before.loss(),
                    after.loss(),
                    "worse on " + heldOut.size() + " held-out examples of this device");
        }
        shelf.install(tried.pack());
        return new Installation.Installed(version, before.loss(), after.loss());
    }

    /** A loss that is no number is worse. */
    static boolean isWorse(Judgement before, Judgement after) {
        return !(after.loss() <= before.loss() + LOSS_TOLERANCE);
    }
}
