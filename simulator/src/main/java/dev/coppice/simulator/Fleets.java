package dev.coppice.simulator;

import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.adapters.kit.KitRefusedException;
import dev.coppice.agent.AgentConfig;
import dev.coppice.agent.PrivacyBudget;
import dev.coppice.agent.TrustAnchors;
import dev.coppice.agent.policy.WorkPolicy;
import dev.coppice.agent.upload.DeviceGoneException;
import dev.coppice.agent.upload.Transport;
import dev.coppice.simulator.world.DeviceNetwork;
import dev.coppice.simulator.world.Fleet;
import dev.coppice.simulator.world.RoundBoard;
import dev.coppice.simulator.world.SwitchedRandom;
import dev.coppice.simulator.world.VirtualDevice;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.IntFunction;

/** Equips the devices of a run. */
final class Fleets {
    static final String POPULATION = "demo";
    static final String SKILL = "assistant";
    private static final Duration PATIENCE = Duration.ofHours(2);

    private final DemoSettings settings;
    private final Material material;
    private final TrustAnchors trust;
    private final InstantSource clock;

    Fleets(DemoSettings settings, Material material, TrustAnchors trust, InstantSource clock) {
        this.settings = settings;
        this.material = material;
        this.trust = trust;
        this.clock = clock;
    }

    /** Devices that reach the aggregator through {@code real}. */
    @MustBeClosed
    Fleet online(Transport real, RoundBoard board, IntFunction<Path> home) throws IOException, KitRefusedException {
        return open(home, "device", index -> new DeviceNetwork(real, index, board));
    }

    /** The same people with devices that never take part in anything. */
    @MustBeClosed
    Fleet offline(IntFunction<Path> home) throws IOException, KitRefusedException {
        Transport none = request -> {
            throw new DeviceGoneException("this device stays by itself");
        };
        RoundBoard unused = new RoundBoard(0);
        return open(home, "local", index -> new DeviceNetwork(none, index, unused));
    }

    @MustBeClosed
    @SuppressWarnings("MustBeClosed") // each device is closed with the fleet
    private Fleet open(IntFunction<Path> home, String name, IntFunction<DeviceNetwork> networks)
            throws IOException, KitRefusedException {
        return Fleet.open(material.population().people().size(), index -> {
            SwitchedRandom random = new SwitchedRandom(settings.seed(), name + "/" + index);
            DeviceNetwork network = networks.apply(index);
            AgentConfig config = AgentConfig.builder(home.apply(index))
                    .baseModel(material.model())
                    .kitSpec(material.kit().spec())
                    .kits(material.kits())
                    .engines(material.engines())
                    .trust(trust)
                    .population(POPULATION)
                    .skill(SKILL)
                    .random(random)
                    .clock(clock)
                    .transport(network)
                    .patience(PATIENCE)
                    .budget(budget())
                    .policy(WorkPolicy.ANY_TIME)
                    .course(material.recipe().course())
                    .build();
            return new VirtualDevice(index, material.population().people().get(index), random, network, config);
        });
    }

    /** What the owners of these devices allow: exactly what was asked for, over all rounds. */
    private PrivacyBudget budget() {
        return settings.epsilon().isEmpty()
                ? PrivacyBudget.insecureUnlimited()
                : PrivacyBudget.ever(settings.epsilon().getAsDouble(), DemoSettings.DELTA, 0);
    }
}
