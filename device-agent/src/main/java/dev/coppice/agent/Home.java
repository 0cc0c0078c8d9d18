package dev.coppice.agent;

import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.agent.checkin.Identity;
import dev.coppice.agent.escalation.QuestionBudget;
import dev.coppice.agent.install.OwnFactors;
import dev.coppice.agent.install.PackPin;
import dev.coppice.agent.install.PackShelf;
import dev.coppice.agent.install.PersonalShelf;
import dev.coppice.agent.install.TrialShelf;
import dev.coppice.agent.policy.Consents;
import dev.coppice.agent.policy.DailyUse;
import dev.coppice.agent.policy.TrainingHalt;
import dev.coppice.agent.store.ExampleStore;
import dev.coppice.agent.store.History;
import dev.coppice.agent.store.HomeKey;
import dev.coppice.agent.store.HomeLock;
import dev.coppice.agent.store.Ledger;
import dev.coppice.agent.store.Releases;
import dev.coppice.agent.store.SeenRounds;
import dev.coppice.agent.store.TrustedFiles;
import dev.coppice.crypto.sealing.StorageKey;
import java.io.IOException;
import java.nio.file.Path;

/** Everything an agent keeps on disk, opened under one lock. Use under the agent's lock. */
final class Home implements AutoCloseable {
    private final HomeLock lock;
    private final StorageKey key;
    private Identity identity;
    private final AgentConfig config;
    private final Consents consents;
    private final TrainingHalt halt;
    private final DailyUse use;
    private final QuestionBudget questions;
    private final ExampleStore examples;
    private final boolean isLedgerOwn;
    private final Ledger ledger;
    private final History history;
    private final Releases releases;
    private final PackShelf packs;
    private final TrustedFiles trusted;
    private final PersonalShelf personal;
    private final TrialShelf trials;
    private final OwnFactors ownFactors;
    private final PackPin pin;
    private final SeenRounds seenRounds;

    @SuppressWarnings("MustBeClosed") // closed by close, or by open if it fails
    private Home(HomeLock lock, StorageKey key, AgentConfig config) throws IOException {
        Path home = config.home();
        this.lock = lock;
        this.key = key;
        this.config = config;
        this.consents = Consents.open(home, key);
        this.halt = TrainingHalt.open(home, key);
        this.use = DailyUse.open(home, key);
        this.questions = QuestionBudget.open(home, key);
        this.isLedgerOwn = config.ledger().isEmpty();
        this.packs = PackShelf.open(home, key);
        this.trusted = TrustedFiles.open(home, key);
        this.personal = new PersonalShelf(home, key);
        this.trials = new TrialShelf(home, key);
        this.ownFactors = new OwnFactors(home, key);
        this.pin = PackPin.open(home, key);
        this.seenRounds = new SeenRounds(home, key);
        this.identity = openIdentity();
        this.examples = ExampleStore.open(home.resolve("examples"), key);
        try {
            this.ledger = isLedgerOwn ? Ledger.open(home, key) : config.ledger().orElseThrow();
        } catch (IOException e) {
            examples.close();
            throw e;
        }
        try {
            this.releases = Releases.open(home.resolve("releases"), key);
        } catch (IOException e) {
            examples.close();
            closeLedger();
            throw e;
        }
        try {
            this.history = History.open(home.resolve("history"), key);
        } catch (IOException e) {
            examples.close();
            closeLedger();
            releases.close();
            throw e;
        }
    }

    @MustBeClosed
    @SuppressWarnings("MustBeClosed") // closed with the home, or here if that fails
    static Home open(AgentConfig config) throws IOException {
        HomeLock lock = HomeLock.take(config.home());
        try {
            StorageKey key = HomeKey.open(config.home(), config.keys());
            try {
                return new Home(lock, key, config);
            } catch (IOException e) {
                key.close();
                throw e;
            }
        } catch (IOException e) {
            lock.close();
            throw e;
        }
    }

    private Identity openIdentity() throws IOException {
        return Identity.open(config.home(), key, () -> config.trust().enrolment(), config.random());
    }

    Identity identity() {
        return identity;
    }

    /** Deletes the device's key and certificate, and makes another key: nobody can tell that it is the same device. */
    void forgetIdentity() throws IOException {
        identity.delete();
        identity.close();
        identity = openIdentity();
    }

    Consents consents() {
        return consents;
    }

    TrainingHalt halt() {
        return halt;
    }

    DailyUse use() {
        return use;
    }

    QuestionBudget questions() {
        return questions;
    }

    ExampleStore examples() {
        return examples;
    }

    Ledger ledger() {
        return ledger;
    }

    History history() {
        return history;
    }

    Releases releases() {
        return releases;
    }

    PackShelf packs() {
        return packs;
    }

    TrustedFiles trusted() {
        return trusted;
    }

    PersonalShelf personal() {
        return personal;
    }

    TrialShelf trials() {
        return trials;
    }

    OwnFactors ownFactors() {
        return ownFactors;
    }

    PackPin pin() {
        return pin;
    }

    SeenRounds seenRounds() {
        return seenRounds;
    }

    @Override
    public void close() throws IOException {
        identity.close();
        try {
            examples.close();
            closeLedger();
            releases.close();
            history.close();
        } finally {
            key.close();
            lock.close();
        }
    }

    /** A shared one stays open for the others. */
    private void closeLedger() throws IOException {
        if (isLedgerOwn) {
            ledger.close();
        }
    }
}
