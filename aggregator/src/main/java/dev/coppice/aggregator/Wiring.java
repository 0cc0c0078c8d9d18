package dev.coppice.aggregator;

import com.zaxxer.hikari.HikariDataSource;
import dev.coppice.aggregator.access.FixedToken;
import dev.coppice.aggregator.access.LoginCookies;
import dev.coppice.aggregator.access.Sessions;
import dev.coppice.aggregator.audit.AuditLog;
import dev.coppice.aggregator.budget.DeviceAccounts;
import dev.coppice.aggregator.enrolment.DeviceGate;
import dev.coppice.aggregator.enrolment.EnrolmentDesk;
import dev.coppice.aggregator.http.PublicKeys;
import dev.coppice.aggregator.idempotency.Answers;
import dev.coppice.aggregator.limits.LimitSettings;
import dev.coppice.aggregator.release.EncodedFiles;
import dev.coppice.aggregator.release.LogDesk;
import dev.coppice.aggregator.release.OnlineKeys;
import dev.coppice.aggregator.release.ProvenanceDesk;
import dev.coppice.aggregator.release.RepositoryDesk;
import dev.coppice.aggregator.release.RolloutDesk;
import dev.coppice.aggregator.round.Candidates;
import dev.coppice.aggregator.round.CheckInDesk;
import dev.coppice.aggregator.round.HaltDesk;
import dev.coppice.aggregator.round.Inputs;
import dev.coppice.aggregator.round.Intake;
import dev.coppice.aggregator.round.Keeper;
import dev.coppice.aggregator.round.LoggedInputs;
import dev.coppice.aggregator.round.Polls;
import dev.coppice.aggregator.round.RoundFacts;
import dev.coppice.aggregator.round.RoundWatch;
import dev.coppice.aggregator.round.Signals;
import dev.coppice.aggregator.round.StoredInputs;
import dev.coppice.aggregator.store.BlobStore;
import dev.coppice.aggregator.store.Store;
import dev.coppice.aggregator.store.folder.BlobFolder;
import dev.coppice.aggregator.store.folder.InputFolder;
import dev.coppice.aggregator.store.jdbc.Database;
import dev.coppice.aggregator.store.jdbc.JdbcStore;
import dev.coppice.aggregator.store.kafka.KafkaInputLog;
import dev.coppice.aggregator.store.kafka.RoundEvents;
import dev.coppice.aggregator.store.s3.S3Address;
import dev.coppice.aggregator.store.s3.S3Blobs;
import dev.coppice.aggregator.task.TaskDesk;
import dev.coppice.crypto.RandomSource;
import dev.coppice.crypto.SecretBytes;
import dev.coppice.crypto.privacy.ServerNoise;
import dev.coppice.crypto.sealing.StorageKey;
import dev.coppice.crypto.signing.SigningKey;
import dev.coppice.crypto.transparency.PackLog;
import io.micronaut.context.annotation.Bean;
import io.micronaut.context.annotation.Context;
import io.micronaut.context.annotation.Factory;
import io.micronaut.context.annotation.Requires;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Makes one of everything. */
@Factory
final class Wiring {
    /** The server's key, the enrolment authority's, those of the repository's online roles, and the log's. */
    record Keys(SigningKey server, SigningKey enrolment, OnlineKeys repository, SigningKey log)
            implements AutoCloseable {
        PackLog packLog() {
            String name = "coppice.log/" + log.verifyingKey().toString().substring(0, 16);
            return new PackLog(name, log);
        }

        PublicKeys publicKeys() {
            return new PublicKeys(
                    server.verifyingKey(),
                    enrolment.verifyingKey(),
                    repository.publicKeys(),
                    packLog().key().text());
        }

        @Override
        public void close() {
            server.close();
            enrolment.close();
            repository.close();
            log.close();
        }
    }

    @Singleton
    RandomSource random() {
        return RandomSource.secure();
    }

    @Singleton
    @Bean(preDestroy = "notReady")
    Home home(Settings settings) throws IOException {
        return new Home(settings.homeFolder());
    }

    @Singleton
    Secrets secrets(Settings settings, RandomSource random) throws IOException {
        return new Secrets(settings.secretsFolder(), random);
    }

    @Singleton
    @Bean(preDestroy = "close")
    Keys keys(Secrets secrets) throws IOException {
        return new Keys(
                secrets.key("server.key"),
                secrets.key("enrolment.key"),
                new OnlineKeys(
                        secrets.signatory("snapshot.key"),
                        secrets.signatory("timestamp.key"),
                        secrets.signatory("candidates.key"),
                        secrets.signatory("rollout.key")),
                secrets.key("log.key"));
    }

    @Singleton
    PublicKeys publicKeys(Keys keys) {
        return keys.publicKeys();
    }

    @Singleton
    FixedToken operatorToken(Secrets secrets) throws IOException {
        return FixedToken.ofOperator(secrets.token("operator.token"));
    }

    @Singleton
    FixedToken scraperToken(Secrets secrets) throws IOException {
        return FixedToken.ofScraper(secrets.token("scraper/token"));
    }

    @Singleton
    @Bean(preDestroy = "close")
    Sessions sessions(Secrets secrets, InstantSource clock) throws IOException {
        return new Sessions(secrets.secret("console.key"), clock);
    }

    @Singleton
    @Bean(preDestroy = "close")
    LoginCookies loginCookies(Secrets secrets, InstantSource clock) throws IOException {
        return new LoginCookies(secrets.secret("console.key"), clock);
    }

    @Singleton
    @Bean(preDestroy = "close")
    Answers answers(Store store, Secrets secrets, RandomSource random, InstantSource clock) throws IOException {
        try (SecretBytes secret = secrets.secret("answers.key")) {
            return new Answers(store, secret.use(bytes -> StorageKey.of(bytes, random)), clock);
        }
    }

    @Singleton
    AuditLog audit(Store store, InstantSource clock) {
        return new AuditLog(store, clock);
    }

    @Singleton
    @Bean(preDestroy = "close")
    HikariDataSource database(Home home, DatabaseSettings settings) {
        return opened(home, settings);
    }

    static HikariDataSource opened(Home home, DatabaseSettings settings) {
        return settings.isEmbedded()
                ? Database.embedded(home.database())
                : Database.postgresql(settings.url(), settings.user(), settings.password());
    }

    @Singleton
    @Bean(preDestroy = "close")
    InputFolder inputFiles(Home home) {
        return new InputFolder(home.inputs());
    }

    /** Replicas share no folder for masked inputs: with a database of its own they are in that. */
    @Singleton
    Store store(HikariDataSource database, DatabaseSettings settings, InputFolder inputFiles) {
        return settings.isEmbedded() ? new JdbcStore(database, inputFiles) : new JdbcStore(database);
    }

    /** What is in an object store is also kept in {@code blobs} of the home folder, once it was used. */
    @Singleton
    BlobStore blobs(Settings settings) {
        return opened(settings);
    }

    static BlobStore opened(Settings settings) {
        return settings.blobs().startsWith(S3Address.SCHEME)
                ? S3Blobs.open(
                        S3Address.of(settings.blobs()),
                        settings.s3Endpoint(),
                        settings.s3Region(),
                        settings.homeFolder().resolve("blobs"))
                : new BlobFolder(settings.blobsFolder());
    }

    @Singleton
    EncodedFiles encoded(BlobStore blobs) {
        return new EncodedFiles(blobs);
    }

    @Singleton
    @Bean(preDestroy = "close")
    Signals signals() {
        return new Signals();
    }

    @Singleton
    RoundFacts facts(Store store, Keys keys) {
        return new RoundFacts(store, keys.server().verifyingKey());
    }

    @Singleton
    @Requires(property = "coppice.kafka.bootstrap")
    @Bean(preDestroy = "close")
    KafkaInputLog inputLog(KafkaSettings settings, Home home) throws IOException {
        return new KafkaInputLog(settings.client(), settings.prefix(), home.streams());
    }

    @Singleton
    Inputs inputs(Store store, RoundFacts facts, Optional<KafkaInputLog> log, InstantSource clock) {
        return log.<Inputs>map(kafka -> new LoggedInputs(kafka, store, facts, clock))
                .orElseGet(() -> new StoredInputs(store, facts));
    }

    /** For tasks whose devices trust this aggregator to add the noise. */
    @Singleton
    @Bean(preDestroy = "close")
    ServerNoise noise(Secrets secrets) throws IOException {
        return new ServerNoise(secrets.secret("noise.key"));
    }

    /** Takes the store so that the store is closed after it. */
    @Singleton
    @Bean(preDestroy = "close")
    Clockwork clockwork(@SuppressWarnings("unused") Store store) {
        return new Clockwork();
    }

    /** Eager: rounds go on where the last process left them, whether or not anybody asks. */
    @Context
    Keeper keeper(
            Store store,
            BlobStore blobs,
            RoundFacts facts,
            Inputs inputs,
            Signals signals,
            List<RoundWatch> watches,
            Keys keys,
            ServerNoise noise,
            RepositoryDesk repository,
            RolloutDesk rollouts,
            InstantSource clock,
            RandomSource random,
            Clockwork clockwork) {
        String owner = HexFormat.of().formatHex(random.bytes(16));
        Candidates candidates = (task, round) -> repository.putCandidate(
                task.id(), round, blobs.read(task.candidateSha256()), Map.of("base-model", task.baseModelSha256()));
        return new Keeper(
                new Keeper.Tools(
                        store,
                        blobs,
                        facts,
                        inputs,
                        signals,
                        keys.server(),
                        noise,
                        candidates,
                        rollouts::guard,
                        RoundWatch.of(watches),
                        owner),
                clock,
                clockwork);
    }

    @Context
    DeviceAccounts accounts(Store store, DeviceBudget budget, Keys keys) {
        return new DeviceAccounts(store, budget.inAnyPeriod(), keys.server());
    }

    @Context
    CheckInDesk checkIns(
            Store store,
            RoundFacts facts,
            Keeper keeper,
            DeviceAccounts accounts,
            HaltDesk halts,
            RepositoryDesk repository,
            RolloutDesk rollouts,
            InstantSource clock,
            RandomSource random,
            Clockwork clockwork,
            Settings settings,
            PaceSettings pace,
            Answers answers) {
        CheckInDesk desk = new CheckInDesk(store, facts, keeper, accounts, halts, pace.bounds(), random, clock);
        clockwork.start(keeper, desk, repository, rollouts, answers, settings.tick());
        return desk;
    }

    @Context
    Retention retention(Store store, RetentionSettings settings, InstantSource clock, Clockwork clockwork) {
        Retention retention = new Retention(store, settings, clock);
        clockwork.also(retention::tick, Duration.ofHours(1));
        return retention;
    }

    /** Takes the log, which makes the topics. */
    @Context
    @Requires(property = "coppice.kafka.bootstrap")
    @Bean(preDestroy = "close")
    RoundEvents events(
            Store store,
            KafkaSettings settings,
            @SuppressWarnings("unused") KafkaInputLog log,
            InstantSource clock,
            RandomSource random,
            Clockwork clockwork)
            throws IOException {
        String owner = HexFormat.of().formatHex(random.bytes(16));
        RoundEvents events = new RoundEvents(store, clock, owner, settings.client(), settings.prefix());
        clockwork.also(events::tick, Duration.ofSeconds(1));
        return events;
    }

    @Singleton
    HaltDesk halts(Store store, Keys keys) {
        return new HaltDesk(store, keys.server());
    }

    @Singleton
    Intake intake(Store store, RoundFacts facts, Inputs inputs, Keeper keeper, Keys keys, InstantSource clock) {
        return new Intake(store, facts, inputs, keeper, keys.enrolment().verifyingKey(), clock);
    }

    @Singleton
    Polls polls(Store store, RoundFacts facts, Signals signals, InstantSource clock, Settings settings) {
        return new Polls(store, facts, signals, clock, settings.pollHold());
    }

    @Singleton
    DeviceGate gate(Store store, LimitSettings limits, InstantSource clock) {
        return new DeviceGate(store, limits.perDevice(), clock);
    }

    @Singleton
    EnrolmentDesk enrolment(Store store, Keys keys, RandomSource random, InstantSource clock) {
        return new EnrolmentDesk(store, keys.enrolment(), random, clock);
    }

    @Singleton
    TaskDesk tasks(Store store, BlobStore blobs, RandomSource random) {
        return new TaskDesk(store, blobs, random);
    }

    @Singleton
    LogDesk log(Store store, Keys keys) {
        return new LogDesk(store, keys.packLog());
    }

    @Singleton
    RolloutDesk rollouts(Store store, RepositoryDesk repository, InstantSource clock) {
        return new RolloutDesk(store, repository, clock);
    }

    @Singleton
    ProvenanceDesk provenance(Store store, BlobStore blobs, Keys keys) {
        return new ProvenanceDesk(store, blobs, keys.server());
    }

    @Singleton
    RepositoryDesk repository(Store store, BlobStore blobs, Keys keys, LogDesk log, InstantSource clock) {
        return new RepositoryDesk(store, blobs, keys.repository(), log, clock);
    }
}
