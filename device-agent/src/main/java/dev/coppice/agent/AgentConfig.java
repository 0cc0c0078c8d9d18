package dev.coppice.agent;

import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.model.BaseModel;
import dev.coppice.adapters.runtime.ExecutionProviders;
import dev.coppice.adapters.text.Example;
import dev.coppice.agent.escalation.EscalationRules;
import dev.coppice.agent.policy.ConditionSource;
import dev.coppice.agent.policy.DataRules;
import dev.coppice.agent.policy.WorkPolicy;
import dev.coppice.agent.store.KeyVault;
import dev.coppice.agent.store.Ledger;
import dev.coppice.agent.training.Classroom.Course;
import dev.coppice.agent.training.EngineSource;
import dev.coppice.agent.training.KitCache;
import dev.coppice.agent.upload.BoundedHttp;
import dev.coppice.agent.upload.DeviceGoneException;
import dev.coppice.agent.upload.HttpTransport;
import dev.coppice.agent.upload.Pause;
import dev.coppice.agent.upload.PrivateAuthority;
import dev.coppice.agent.upload.Transport;
import dev.coppice.crypto.RandomSource;
import dev.coppice.protocol.Identifiers;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** All that an agent needs to know, checked. Immutable; made by {@link #builder}. */
public final class AgentConfig {
    /** The class of devices of which nothing else was said. */
    public static final String DEVICE_CLASS_USUAL = "default";

    private final Builder values;
    private final Transport transport;
    private final KitCache kits;
    private final Nobody nobody = new Nobody();

    private AgentConfig(Builder values, Transport transport, KitCache kits) {
        this.values = values;
        this.transport = transport;
        this.kits = kits;
    }

    /**
     * Begins a configuration.
     *
     * @param home folder of this agent alone; made if absent. Whoever can read it can read the examples
     */
    public static Builder builder(Path home) {
        return new Builder(home);
    }

    Path home() {
        return values.home;
    }

    BaseModel baseModel() {
        return required(values.baseModel, "baseModel");
    }

    KitSpec kitSpec() {
        return required(values.kitSpec, "kitSpec");
    }

    /** Whom to believe; for an agent that is offline keys that nobody has, which take a while to make, when first asked. */
    TrustAnchors trust() {
        TrustAnchors anchors = values.trust;
        return anchors != null ? anchors : nobody.get();
    }

    String population() {
        return values.population;
    }

    String skill() {
        return values.skill;
    }

    String deviceClass() {
        return values.deviceClass;
    }

    OptionalLong pinnedPack() {
        return values.pinnedPack;
    }

    RandomSource random() {
        return values.random;
    }

    InstantSource clock() {
        return values.clock;
    }

    Optional<EngineSource> engines() {
        return Optional.ofNullable(values.engines);
    }

    Optional<EscalationRules> escalation() {
        return Optional.ofNullable(values.escalation);
    }

    List<String> providers() {
        return values.providers;
    }

    KitCache kits() {
        return kits;
    }

    Transport transport() {
        return transport;
    }

    /** Lets go of the network; a transport that the app brought is the app's. */
    void closeOwnTransport() {
        if (values.transport == null && transport instanceof HttpTransport own) {
            own.close();
        }
    }

    Pause pause() {
        return values.pause;
    }

    PrivacyBudget budget() {
        return values.budget;
    }

    Optional<Ledger> ledger() {
        return Optional.ofNullable(values.ledger);
    }

    int localStepsMax() {
        return values.localStepsMax;
    }

    boolean trustsServerNoise() {
        return values.insecureServerNoise;
    }

    boolean hybridKeysOnly() {
        return values.hybridKeysOnly;
    }

    WorkPolicy policy() {
        return values.policy;
    }

    Optional<ConditionSource> conditions() {
        return Optional.ofNullable(values.conditions);
    }

    DataRules data() {
        return values.data;
    }

    List<Example> tests() {
        return values.tests;
    }

    KeyVault keys() {
        return values.keys;
    }

    Duration patience() {
        return values.patience;
    }

    Course course() {
        return values.course;
    }

    Duration restAfter() {
        return values.restAfter;
    }

    /** Anchors that are made once, and then are the same. Thread-safe. */
    private static final class Nobody {
        private final ReentrantLock lock = new ReentrantLock();
        private @Nullable TrustAnchors made;

        TrustAnchors get() {
            lock.lock();
            try {
                TrustAnchors anchors = made != null ? made : TrustAnchors.nobody(RandomSource.secure());
                made = anchors;
                return anchors;
            } finally {
                lock.unlock();
            }
        }
    }

    private static <T> T required(@Nullable T value, String name) {
        if (value == null) {
            throw new IllegalArgumentException("an agent's configuration needs " + name);
        }
        return value;
    }

    /** Collects values. What is said to be needed has no default. */
    public static final class Builder implements Cloneable {
        private static final Duration REPLY_MAX = Duration.ofSeconds(60);

        private final Path home;
        private @Nullable BaseModel baseModel;
        private @Nullable KitSpec kitSpec;
        private @Nullable TrustAnchors trust;
        private boolean isOffline;
        private @Nullable URI server;
        private @Nullable Path serverAuthority;
        private @Nullable Transport transport;
        private @Nullable EngineSource engines;
        private @Nullable EscalationRules escalation;
        private List<String> providers = List.of();
        private @Nullable KitCache kits;
        private String population = "default";
        private String skill = "default";
        private String deviceClass = DEVICE_CLASS_USUAL;
        private OptionalLong pinnedPack = OptionalLong.empty();
        private RandomSource random = RandomSource.secure();
        private InstantSource clock = InstantSource.system();
        private Pause pause = Pause.real();
        private PrivacyBudget budget = PrivacyBudget.DEFAULT;
        private @Nullable Ledger ledger;
        private int localStepsMax = 1_000;
        private boolean insecureServerNoise;
        private boolean hybridKeysOnly;
        private WorkPolicy policy = WorkPolicy.DEFAULT;
        private @Nullable ConditionSource conditions;
        private DataRules data = DataRules.DEFAULT;
        private List<Example> tests = List.of();
        private KeyVault keys = KeyVault.inHome();
        private Duration patience = Duration.ofHours(2);
        private Course course = new Course(8, 5, 2e-3f);
        private Duration restAfter = Duration.ofSeconds(30);

        private Builder(Path home) {
            this.home = home;
        }

        /** Needed: what is adapted. Stays the caller's, and open for as long as the agent is. */
        public Builder baseModel(BaseModel model) {
            this.baseModel = model;
            return this;
        }

        /** Needed: the form of the app's adapter; rounds and packs of another form are refused. */
        public Builder kitSpec(KitSpec spec) {
            this.kitSpec = spec;
            return this;
        }

        /** Needed: whom to believe. */
        public Builder trust(TrustAnchors anchors) {
            this.trust = anchors;
            this.isOffline = false;
            return this;
        }

        /** Address of the aggregator; needed unless there is a {@link #transport}. */
        public Builder server(URI address) {
            this.server = address;
            return this;
        }

        /**
         * Whom to believe that a server is the one of {@link #server}, in place of the platform's authorities.
         *
         * @param certificates file of one or more certificates in PEM
         */
        public Builder serverAuthority(Path certificates) {
            this.serverAuthority = certificates;
            return this;
        }

        /** In place of {@link #trust} and {@link #server}: the agent serves its own user, and talks to nobody. */
        public Builder offline() {
            this.trust = null;
            this.isOffline = true;
            this.transport = request -> {
                throw new DeviceGoneException("this agent talks to nobody");
            };
            return this;
        }

        /** The devices this one belongs to; 1 to 64 characters of [a-z0-9-]. Default {@code default}. */
        public Builder population(String name) {
            this.population = Identifiers.requireIdentifier(name);
            return this;
        }

        /** What is learned; 1 to 64 characters of [a-z0-9-]. Default {@code default}. */
        public Builder skill(String name) {
            this.skill = Identifiers.requireIdentifier(name);
            return this;
        }

        /**
         * What kind of device this is, for packs and rounds that go to some kinds only; as {@link #skill}. The aggregator is told,
         * so name few kinds, each of many devices. Default {@code default}.
         */
        public Builder deviceClass(String name) {
            this.deviceClass = Identifiers.requireIdentifier(name);
            return this;
        }

        /** Stays with this version of the skill pack for as long as release keys vouch for it. Default: none. */
        public Builder pinPack(long version) {
            this.pinnedPack = OptionalLong.of(version);
            return this;
        }

        /** Where keys, masks and noise come from. Anything but the default makes privacy a pretence. */
        public Builder random(RandomSource source) {
            this.random = source;
            return this;
        }

        /** What time it is. Default: the system's clock. */
        public Builder clock(InstantSource source) {
            this.clock = source;
            return this;
        }

        /** Native engines to share; stays the caller's. Default: one engine of the agent's own. */
        public Builder engines(EngineSource source) {
            this.engines = source;
            return this;
        }

        /**
         * What predictions run on, the most wanted first: names of {@link ExecutionProviders#available}. The first that
         * takes the model is used, and the CPU if none does; a line in the log says which it is. Training is always on
         * the CPU. Default: the CPU, in one thread, which is the caller's.
         */
        public Builder providers(List<String> wanted) {
            this.providers = List.copyOf(wanted);
            return this;
        }

        /** Whom {@link Agent#ask} asks where the device is not sure. Default: nobody. */
        public Builder escalation(EscalationRules rules) {
            this.escalation = rules;
            return this;
        }

        /** Derived training kits to share. Default: in the agent's home. */
        public Builder kits(KitCache cache) {
            this.kits = cache;
            return this;
        }

        /** How to reach the aggregator. Default: HTTP to {@link #server}. */
        public Builder transport(Transport carrier) {
            this.transport = carrier;
            return this;
        }

        /** How to wait. Default: in real time. */
        public Builder pause(Pause how) {
            this.pause = how;
            return this;
        }

        /** What may be learned about this device. Default: {@link PrivacyBudget#DEFAULT}. */
        public Builder budget(PrivacyBudget limits) {
            this.budget = limits;
            return this;
        }

        /**
         * The device's ledger, for agents of several skills on one device to share; stays the caller's, and open for as
         * long as the agent is. Default: one in the agent's home, which knows of this agent's rounds alone.
         */
        public Builder ledger(Ledger shared) {
            this.ledger = shared;
            return this;
        }

        /** Most optimizer steps for one round. Default 1,000. */
        public Builder localStepsMax(int steps) {
            this.localStepsMax = steps;
            return this;
        }

        /**
         * Whether to take part in rounds whose noise is the aggregator's to add, and to charge the ledger as if it did: it
         * sees the exact sums then, and nobody can check that it adds any. Default: not; rounds rest on the noise of devices.
         */
        public Builder insecureServerNoise(boolean trusted) {
            this.insecureServerNoise = trusted;
            return this;
        }

        /**
         * Whether to stay out of rounds whose keys are agreed on by X25519 alone, which could be opened years later by who
         * recorded them. Default: not; the terms of a round say how its keys are agreed on.
         */
        public Builder hybridKeysOnly(boolean only) {
            this.hybridKeysOnly = only;
            return this;
        }

        /** When the device may work. Default: {@link WorkPolicy#DEFAULT}. */
        public Builder policy(WorkPolicy rules) {
            this.policy = rules;
            return this;
        }

        /**
         * Tells the device's state, which the {@link #policy} judges. Default: none, and the app calls when the state is
         * right.
         */
        public Builder conditions(ConditionSource source) {
            this.conditions = source;
            return this;
        }

        /** How much data the device works with and keeps. Default: {@link DataRules#DEFAULT}. */
        public Builder data(DataRules rules) {
            this.data = rules;
            return this;
        }

        /**
         * What a personal adapter must not unlearn: it is used only if it answers as many of these as the skill pack does,
         * but for one in twenty. Default: none.
         */
        public Builder tests(List<Example> examples) {
            this.tests = List.copyOf(examples);
            return this;
        }

        /** Where the key lives that the home is encrypted with. Default: {@link KeyVault#inHome}. */
        public Builder keys(KeyVault vault) {
            this.keys = vault;
            return this;
        }

        /** How long to stay in one round. Default two hours. */
        public Builder patience(Duration longest) {
            this.patience = longest;
            return this;
        }

        /** How {@link Agent#personalize} trains. Default: up to 8 portions of 5 steps at 0.002. */
        public Builder course(Course plan) {
            this.course = plan;
            return this;
        }

        /** How long nothing must have been asked before {@link Agent#rest} gives memory back. Default 30 s. */
        public Builder restAfter(Duration idle) {
            if (idle.isNegative()) {
                throw new IllegalArgumentException("a device rests after no less than no time");
            }
            this.restAfter = idle;
            return this;
        }

        /**
         * The configuration, checked.
         *
         * @throws IllegalArgumentException if something needed is missing, or the authority's file holds none
         */
        public AgentConfig build() {
            required(baseModel, "baseModel");
            required(kitSpec, "kitSpec");
            if (!isOffline) {
                required(trust, "trust");
            }
            Transport carrier = transport != null ? transport : http(required(server, "server"));
            return new AgentConfig(copy(), carrier, kits != null ? kits : new KitCache(home.resolve("kits")));
        }

        private Transport http(URI address) {
            if (serverAuthority == null) {
                return new HttpTransport(address, REPLY_MAX);
            }
            try {
                return new HttpTransport(new BoundedHttp(PrivateAuthority.trust(serverAuthority)), address, REPLY_MAX);
            } catch (IOException e) {
                throw new IllegalArgumentException(e.getMessage(), e);
            }
        }

        private Builder copy() {
            try {
                return (Builder) clone();
            } catch (CloneNotSupportedException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
