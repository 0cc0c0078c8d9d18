package dev.coppice.simulator.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.crypto.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * One task of a sweep, and who attacks it.
 *
 * @param chosen what was varied, by JSON pointer
 * @param document {@code task}, and perhaps {@code attack} and {@code trustedPeople}
 */
record Trial(SortedMap<String, JsonNode> chosen, ObjectNode document) {
    /** @throws ExperimentRefusedException if a pointer leads nowhere */
    static Trial of(ObjectNode base, Map<String, JsonNode> chosen) throws ExperimentRefusedException {
        ObjectNode document = base.deepCopy();
        for (Map.Entry<String, JsonNode> one : chosen.entrySet()) {
            TaskFile.set(document, one.getKey(), one.getValue());
        }
        return new Trial(new TreeMap<>(chosen), document);
    }

    ObjectNode task() {
        return (ObjectNode) document.get("task");
    }

    /**
     * Who attacks, and what the server trusts.
     *
     * @throws ExperimentRefusedException if there is no such attack
     */
    Cast cast() throws ExperimentRefusedException {
        return new Cast(
                Adversary.of(document.path("attack")),
                document.path("trustedPeople").asInt(0),
                List.of());
    }

    /** The same for equal tasks: where its figures lie. */
    String id() {
        return Sha256.hex(document.toString().getBytes(StandardCharsets.UTF_8)).substring(0, 12);
    }

    /** What was varied, in words. */
    String label() {
        return chosen.entrySet().stream()
                .map(one -> one.getKey().substring(1) + "="
                        + one.getValue().toString().replace("\"", ""))
                .collect(Collectors.joining(" "));
    }
}
