package dev.coppice.simulator.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.kit.Task;
import dev.coppice.adapters.lora.Factors;
import dev.coppice.adapters.lora.LoraSpec;
import dev.coppice.simulator.extension.Choice;
import dev.coppice.simulator.extension.DeviceClass;
import dev.coppice.simulator.extension.DeviceClasses;
import dev.coppice.simulator.extension.Extensions;
import dev.coppice.simulator.extension.Parameters;
import dev.coppice.simulator.fleet.DealtData;
import dev.coppice.simulator.fleet.FleetData;
import dev.coppice.simulator.fleet.FleetMaterial;
import dev.coppice.simulator.fleet.FleetSettings;
import dev.coppice.simulator.fleet.FleetSettings.Adversary;
import dev.coppice.simulator.fleet.FleetSettings.Behaviour;
import dev.coppice.simulator.fleet.FleetSettings.Faults;
import dev.coppice.simulator.fleet.FleetSettings.Judging;
import dev.coppice.simulator.fleet.PeopleData;
import dev.coppice.simulator.fleet.Privacy;
import dev.coppice.simulator.population.Population;
import dev.coppice.simulator.population.PopulationRefusedException;
import dev.coppice.simulator.world.Shipped;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A scenario: what {@code scenario.schema.json} describes, and what {@code simulator/scenarios} has examples of. Paths in it
 * are relative to its file.
 *
 * @param name of its file, without the ending
 */
public record Scenario(String name, Path folder, ObjectNode content) {
    private static final String GENERATED = "generated";
    private static final int PEOPLE_USUAL = 200;

    /** What takes a virtual clock or network, by JSON pointer, and why. */
    private static final Map<String, String> VIRTUAL = new TreeMap<>(Map.of(
            "/classes", "devices are as fast, and as often idle, as the machine that plays them",
            "/faults", "messages go through a real network",
            "/attack", "devices are the product's own, and those are honest",
            "/merge", "the aggregator merges as its task says",
            "/data/drift", "a device is given its texts once",
            "/behaviour/memoryMiB", "there are no device classes",
            "/task/buffer", "rounds are played one after the other"));

    /**
     * Reads a scenario.
     *
     * @throws ScenarioRefusedException naming line and field of each fault
     */
    public static Scenario read(Path file) throws IOException, ScenarioRefusedException {
        ObjectNode content = ScenarioFile.read(file);
        Path absolute = file.toAbsolutePath();
        String full = file.getFileName().toString();
        Path parent = absolute.getParent();
        return new Scenario(full.replaceFirst("\\.ya?ml$", ""), parent == null ? absolute : parent, content);
    }

    public long seed() {
        return content.path("seed").asLong(1);
    }

    /**
     * How the fleet's updates are kept private.
     *
     * @throws IllegalArgumentException if there is none of the name that it says
     */
    public Privacy privacy() {
        return Privacy.named(content.path("privacy").asText(Privacy.SECAGG_DDG.label()));
    }

    /**
     * What is simulated.
     *
     * @throws IllegalArgumentException naming what does not go together
     */
    public FleetSettings settings(long seed) {
        return new FleetSettings(
                seed,
                privacy(),
                content.path("task"),
                content.path("overSelection").asDouble(1),
                classes(),
                behaviour(content.path("behaviour")),
                faults(content.path("faults")),
                attack(content.path("attack")),
                choice(content.path("merge"), "mean"),
                new Judging(
                        content.path("judging").path("every").asInt(1),
                        content.path("judging").path("examplesMax").asInt(2_000),
                        content.path("judging").path("devicesMax").asInt(200)));
    }

    /**
     * What the devices share.
     *
     * @param workers threads that train
     * @param kits folder where kits are kept
     * @throws ScenarioRefusedException if the data cannot be used
     * @throws IllegalArgumentException if the model or the partition cannot
     */
    @MustBeClosed
    public FleetMaterial material(long seed, int workers, Path kits) throws IOException, ScenarioRefusedException {
        FleetData data = data(seed);
        Path model = content.has("model")
                ? folder.resolve(content.path("model").asText())
                : Shipped.find("models/pico")
                        .orElseThrow(() -> new ScenarioRefusedException(
                                "there is no models/pico in or above this folder; say model: in the scenario"));
        return FleetMaterial.open(model, kit(data), data, workers, kits);
    }

    /**
     * Refuses what only a virtual clock and network can play.
     *
     * @throws ScenarioRefusedException naming each such field, with the reason
     */
    public void requireRealTime() throws ScenarioRefusedException {
        List<String> faults = new ArrayList<>();
        if (privacy() != Privacy.SECAGG_DDG) {
            faults.add("privacy: a real aggregator sums what is masked, and nothing else");
        }
        VIRTUAL.forEach((field, why) -> {
            if (!content.at(field).isMissingNode()) {
                faults.add(field.substring(1).replace('/', '.') + ": " + why);
            }
        });
        if (!faults.isEmpty()) {
            throw new ScenarioRefusedException(
                    "only a virtual clock and network can play this, not a real aggregator:\n  "
                            + String.join("\n  ", faults));
        }
    }

    private KitSpec kit(FleetData data) {
        JsonNode adapter = content.path("adapter");
        List<String> targets = new ArrayList<>();
        adapter.path("targets").forEach(target -> targets.add(target.asText()));
        int rank = adapter.path("rank").asInt(4);
        Factors factors = adapter.path("factors").asText("b").equals("both") ? Factors.BOTH : Factors.B;
        LoraSpec lora = new LoraSpec(
                rank,
                adapter.path("alpha").asDouble(2.0 * rank),
                targets.isEmpty() ? List.of("q_proj", "v_proj") : targets,
                factors,
                adapter.path("seed").asLong(1));
        return new KitSpec(
                data.task(),
                lora,
                data.labels(),
                adapter.path("batch").asInt(8),
                adapter.path("length").asInt(24));
    }

    private FleetData data(long seed) throws IOException, ScenarioRefusedException {
        JsonNode data = content.path("data");
        String source = data.path("source").asText(GENERATED);
        int devices = data.path("devices").asInt(PEOPLE_USUAL);
        JsonNode partition = data.path("partition");
        if (source.equals(GENERATED) && partition.isMissingNode()) {
            return new PeopleData(Population.generated(seed, devices));
        }
        if (source.equals(GENERATED)) {
            throw new ScenarioRefusedException("data.partition is for texts of your own; made-up people have theirs");
        }
        Task task =
                data.path("task").asText("causal-lm").equals("causal-lm") ? Task.CAUSAL_LM : Task.TEXT_CLASSIFICATION;
        JsonNode drift = data.path("drift");
        try {
            return DealtData.of(
                    task,
                    Population.corpus(folder.resolve(source), task),
                    choice(partition, "natural"),
                    devices,
                    drift.isMissingNode()
                            ? DealtData.Drift.NONE
                            : new DealtData.Drift(
                                    drift.path("window").asDouble(),
                                    drift.path("rounds").asInt()),
                    seed);
        } catch (PopulationRefusedException e) {
            throw new ScenarioRefusedException("data: " + e.getMessage(), e);
        }
    }

    private List<DeviceClass> classes() {
        return classes(content);
    }

    /**
     * The device classes in a scenario's file, or in one that has nothing else.
     *
     * @throws ScenarioRefusedException naming line and field of each fault
     * @throws IllegalArgumentException if there is no set of the name that it says
     */
    public static List<DeviceClass> classes(Path file) throws IOException, ScenarioRefusedException {
        return classes(ScenarioFile.classes(file));
    }

    private static List<DeviceClass> classes(ObjectNode content) {
        JsonNode classes = content.path("classes");
        if (classes.isMissingNode()) {
            return List.of(DeviceClass.PLAIN);
        }
        if (classes.isTextual()) {
            return Extensions.named(DeviceClasses.class, "set of device classes", classes.asText())
                    .classes();
        }
        List<DeviceClass> all = new ArrayList<>();
        classes.forEach(one -> all.add(deviceClass(one)));
        return all;
    }

    private static DeviceClass deviceClass(JsonNode one) {
        DeviceClass usual = DeviceClass.PLAIN;
        JsonNode network = one.path("network");
        JsonNode battery = one.path("battery");
        JsonNode hours = one.path("hours");
        return new DeviceClass(
                one.path("name").asText(),
                one.path("share").asDouble(1),
                one.path("stepMillis").asDouble(usual.stepMillis()),
                one.path("memoryMiB").asInt(usual.memoryMiB()),
                new DeviceClass.Network(
                        network.path("latencyMillis").asDouble(usual.network().latencyMillis()),
                        network.path("jitterMillis").asDouble(usual.network().jitterMillis()),
                        network.path("upKilobytes").asDouble(usual.network().upKilobytes()),
                        network.path("downKilobytes").asDouble(usual.network().downKilobytes())),
                new DeviceClass.Battery(
                        battery.path("charged").asDouble(1),
                        battery.path("perStep").asDouble(0)),
                new DeviceClass.Hours(
                        hours.path("from").asInt(0),
                        hours.path("to").asInt(0),
                        hours.path("spread").asInt(0)));
    }

    private static Behaviour behaviour(JsonNode said) {
        return new Behaviour(
                said.path("dropout").asDouble(0),
                said.path("late").asDouble(0),
                said.path("lateSeconds").asDouble(0),
                said.path("joining").asDouble(0),
                said.path("leaving").asDouble(0),
                said.path("memoryMiB").asInt(0));
    }

    private static Faults faults(JsonNode said) {
        return new Faults(
                said.path("loss").asDouble(0),
                said.path("duplication").asDouble(0),
                said.path("reordering").asDouble(0),
                said.path("corruption").asDouble(0),
                said.path("crashes").asDouble(0),
                said.path("downSeconds").asDouble(5),
                said.path("clockSkewSeconds").asDouble(0));
    }

    private static Optional<Adversary> attack(JsonNode said) {
        return said.isMissingNode()
                ? Optional.empty()
                : Optional.of(new Adversary(
                        choice(said, ""),
                        said.path("share").asDouble(),
                        said.path("fromRound").asInt(1)));
    }

    /** A name, and all numbers beside it. */
    private static Choice choice(JsonNode said, String usual) {
        Map<String, Double> numbers = new TreeMap<>();
        said.properties().forEach(one -> {
            if (one.getValue().isNumber()) {
                numbers.put(one.getKey(), one.getValue().asDouble());
            }
        });
        return new Choice(said.path("name").asText(usual), new Parameters(numbers));
    }
}
