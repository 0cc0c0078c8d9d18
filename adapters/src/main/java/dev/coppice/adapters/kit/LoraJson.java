package dev.coppice.adapters.kit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.adapters.lora.Factors;
import dev.coppice.adapters.lora.LoraOptions;
import dev.coppice.adapters.lora.LoraSpec;
import dev.coppice.adapters.lora.ModuleRank;
import java.util.ArrayList;
import java.util.List;

/** The adapter's part of a spec as JSON. */
final class LoraJson {
    private LoraJson() {}

    static void write(LoraSpec lora, ObjectNode node) {
        node.put("rank", lora.rank());
        node.put("alpha", lora.alpha());
        ArrayNode targets = node.putArray("targets");
        lora.targets().forEach(targets::add);
        node.put("factors", lora.factors().name());
        node.put("seed", lora.seed());
        node.put("rankStabilized", lora.options().rankStabilized());
        node.put("dropout", lora.options().dropout());
        ArrayNode ranks = node.putArray("ranks");
        for (ModuleRank other : lora.options().ranks()) {
            ranks.addObject()
                    .put("modules", other.modules())
                    .put("rank", other.rank())
                    .put("alpha", other.alpha());
        }
        ArrayNode fullyTrained = node.putArray("fullyTrained");
        lora.options().fullyTrained().forEach(fullyTrained::add);
    }

    /** @throws IllegalArgumentException if a value is out of range */
    static LoraSpec read(JsonNode node) throws KitRefusedException {
        KitJson.members(
                node,
                "rank",
                "alpha",
                "targets",
                "factors",
                "seed",
                "rankStabilized",
                "dropout",
                "ranks",
                "fullyTrained");
        LoraSpec lora = new LoraSpec(
                KitJson.integer(node, "rank"),
                KitJson.real(node, "alpha"),
                KitJson.texts(node, "targets"),
                Factors.valueOf(KitJson.text(node, "factors")),
                KitJson.whole(node, "seed"),
                new LoraOptions(
                        KitJson.truth(node, "rankStabilized"),
                        KitJson.real(node, "dropout"),
                        ranks(node),
                        KitJson.texts(node, "fullyTrained")));
        return lora.isNone() ? LoraSpec.none() : lora;
    }

    private static List<ModuleRank> ranks(JsonNode node) throws KitRefusedException {
        List<ModuleRank> ranks = new ArrayList<>();
        for (JsonNode other : KitJson.array(node, "ranks")) {
            KitJson.members(other, "modules", "rank", "alpha");
            ranks.add(new ModuleRank(
                    KitJson.text(other, "modules"), KitJson.integer(other, "rank"), KitJson.real(other, "alpha")));
        }
        return ranks;
    }
}
