package dev.coppice.simulator.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.adapters.format.Safetensors;
import dev.coppice.adapters.kit.Kit;
import dev.coppice.adapters.kit.KitRefusedException;
import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.crypto.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Task definitions as experiments write them: what follows from base model and kit may be left out, and is filled in. */
final class Definitions {
    private static final JsonMapper JSON = new JsonMapper();
    private static final int PHASE_SECONDS = 300;
    private static final double DELTA_USUAL = 1e-8;

    private Definitions() {}

    /** A definition as an operator posts it, and its kit. */
    record Complete(ObjectNode json, Kit kit) {
        byte[] bytes() {
            return json.toString().getBytes(StandardCharsets.UTF_8);
        }
    }

    /**
     * Fills in hashes and what every task needs and no experiment asks about.
     *
     * @throws ExperimentRefusedException if there is no kit of such a specification for the lab's model
     */
    static Complete complete(ObjectNode task, Lab lab) throws ExperimentRefusedException, IOException {
        ObjectNode json = task.deepCopy();
        if (!(json.path("kitSpec") instanceof ObjectNode spec)) {
            throw new ExperimentRefusedException("a task needs a kitSpec, an object");
        }
        if (!spec.has("labels")) {
            lab.population().labels().forEach(spec.putArray("labels")::add);
        }
        Kit kit;
        try {
            kit = lab.kit(KitSpec.fromJson(spec.toString().getBytes(StandardCharsets.UTF_8)));
        } catch (KitRefusedException e) {
            throw new ExperimentRefusedException("kitSpec: " + e.getMessage());
        }
        json.set("kitSpec", JSON.readTree(kit.spec().toJson()));
        json.put("baseModelSha256", lab.model().sha256());
        json.put("kitSha256", kit.sha256());
        json.put("initialAdapterSha256", Sha256.hex(Safetensors.write(kit.initial())));
        fill(json, "skill", json.textNode("assistant"));
        fill(json, "population", json.textNode("home"));
        fill(json, "examplesMin", json.numberNode(1));
        fill(json, "epsilon", json.nullNode());
        fill(json, "delta", json.numberNode(DELTA_USUAL));
        ObjectNode phases = JSON.createObjectNode();
        for (String phase : new String[] {"advertise", "shares", "masked", "unmask"}) {
            phases.put(phase, PHASE_SECONDS);
        }
        fill(json, "phaseSeconds", phases);
        return new Complete(json, kit);
    }

    private static void fill(ObjectNode json, String name, JsonNode usual) {
        json.putIfAbsent(name, usual);
    }
}
