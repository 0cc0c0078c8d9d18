package dev.coppice.agent.daemon;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.adapters.text.Example;
import dev.coppice.agent.Agent;
import dev.coppice.agent.Prediction;
import dev.coppice.agent.Report;
import dev.coppice.agent.policy.Consent;
import dev.coppice.agent.policy.DailyAmount;
import dev.coppice.agent.store.KeptExample;
import dev.coppice.crypto.privacy.PrivacyLedger.Statement;
import java.io.IOException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What can be asked of a device that runs by itself, as JSON in and out; the same whether the one who asks has opened the
 * home or knocks at the {@link LocalDoor} of who has. Thread-safe.
 */
public final class Commands {
    private static final int EXAMPLES_MAX = 10_000;

    private final Agent agent;
    private final Outcomes outcomes;

    /** @param agent stays the caller's */
    public Commands(Agent agent, Outcomes outcomes) {
        this.agent = agent;
        this.outcomes = outcomes;
    }

    /**
     * Does what is asked.
     *
     * @param name of the command
     * @param asked its parameters
     * @throws IllegalArgumentException if there is no such command, or its parameters are not what they should be
     * @throws IllegalStateException if the device's user does not allow it
     */
    public ObjectNode answer(String name, JsonNode asked) throws IOException, InterruptedException, EngineException {
        return switch (name) {
            case "status" -> status();
            case "add" -> add(asked);
            case "predict" -> predict(text(asked, "text"));
            case "train" -> outcomes.of(agent.personalize());
            case "update" -> outcomes.of(agent.update());
            case "round" -> outcomes.of(agent.takePart());
            case "report" -> report();
            case "allow" -> allow(asked);
            case "withdraw" -> withdraw(asked);
            case "forget" -> forget();
            case "pin" -> pin(asked);
            case "unpin" -> unpin();
            case "rollback" -> rollBack(text(asked, "what"));
            case "export" -> export();
            default -> throw new IllegalArgumentException("there is no command " + name);
        };
    }

    private ObjectNode status() throws IOException, InterruptedException, EngineException {
        Report report = agent.report();
        ObjectNode json = object();
        json.put("enrolled", agent.isEnrolled());
        json.put("answersFrom", report.source().name().toLowerCase(Locale.ROOT));
        json.put("pack", report.packVersion());
        agent.pinnedPack().ifPresent(version -> json.put("pinned", version));
        json.put("examples", report.examples());
        json.put("corrections", report.corrections());
        json.put(
                "trainingDue",
                agent.personalizationDue()
                        .map(due -> due.name().toLowerCase(Locale.ROOT))
                        .orElse("no"));
        ArrayNode allowed = json.putArray("allowed");
        report.allowed().keySet().stream().sorted().forEach(consent -> allowed.add(lower(consent)));
        if (!agent.aggregatorAhead().isZero()) {
            json.put("aggregatorAheadSeconds", agent.aggregatorAhead().toSeconds());
        }
        DailyAmount today = agent.usedToday();
        json.putObject("today")
                .put("workSeconds", today.work().toSeconds())
                .put("bytes", today.bytes())
                .put("participations", today.participations());
        json.set("privacy", privacy(report.privacy().together()));
        return json;
    }

    private static ObjectNode privacy(Statement statement) {
        ObjectNode json = object();
        json.put("epsilon", statement.epsilonInPeriod());
        json.put("rounds", statement.inPeriod().participations());
        json.put("epsilonEver", statement.epsilonEver());
        json.put("roundsEver", statement.ever().participations());
        return json;
    }

    private ObjectNode add(JsonNode asked) throws IOException {
        JsonNode list = asked.path("examples");
        if (!list.isArray() || list.isEmpty() || list.size() > EXAMPLES_MAX) {
            throw new IllegalArgumentException("\"examples\" is a list of 1 to " + EXAMPLES_MAX);
        }
        List<Example> examples = new ArrayList<>();
        for (JsonNode example : list) {
            examples.add(
                    new Example(text(example, "text"), example.path("label").asText("")));
        }
        if (asked.path("corrections").asBoolean()) {
            for (Example example : examples) {
                agent.correct(example.text(), example.label());
            }
        } else {
            agent.addExamples(examples);
        }
        return object().put("added", examples.size()).put("examples", agent.exampleCount());
    }

    private ObjectNode predict(String text) throws InterruptedException, EngineException {
        Prediction answer = agent.predict(text);
        return object().put("answer", answer.label())
                .put("probability", answer.probability())
                .put("source", answer.source().name().toLowerCase(Locale.ROOT));
    }

    private ObjectNode report() {
        ObjectNode json = object();
        ArrayNode sentences = json.putArray("sentences");
        agent.report().sentences(ZoneId.systemDefault()).forEach(sentences::add);
        return json;
    }

    private ObjectNode allow(JsonNode asked) throws IOException {
        for (Consent consent : consents(asked)) {
            agent.allow(consent);
        }
        return allowed();
    }

    private ObjectNode withdraw(JsonNode asked) throws IOException, InterruptedException {
        for (Consent consent : consents(asked)) {
            agent.withdraw(consent);
        }
        return allowed();
    }

    private ObjectNode allowed() {
        ObjectNode json = object();
        ArrayNode list = json.putArray("allowed");
        for (Consent consent : Consent.values()) {
            if (agent.allows(consent)) {
                list.add(lower(consent));
            }
        }
        return json;
    }

    private ObjectNode forget() throws IOException, InterruptedException {
        int examples = agent.exampleCount();
        agent.forget();
        return object().put("deleted", examples);
    }

    private ObjectNode pin(JsonNode asked) throws IOException, InterruptedException {
        if (!asked.path("version").canConvertToLong() || asked.path("version").asLong() < 1) {
            throw new IllegalArgumentException("\"version\" is a whole number from 1");
        }
        agent.pinPack(asked.path("version").asLong());
        return pinned();
    }

    private ObjectNode unpin() throws IOException, InterruptedException {
        agent.unpinPack();
        return pinned();
    }

    /** The app may have pinned another. */
    private ObjectNode pinned() {
        ObjectNode json = object().put("pack", agent.installedVersion());
        agent.pinnedPack().ifPresent(version -> json.put("pinned", version));
        return json;
    }

    private ObjectNode rollBack(String what) throws IOException, InterruptedException {
        boolean changed = switch (what) {
            case "pack" -> agent.rollBack();
            case "personal" -> agent.rollBackPersonal();
            default -> throw new IllegalArgumentException("what is rolled back is the pack or the personal");
        };
        return object().put("changed", changed);
    }

    /** What the device keeps of its user, for its user to take along. */
    private ObjectNode export() {
        ObjectNode json = object();
        ArrayNode examples = json.putArray("examples");
        for (KeptExample kept : agent.examples()) {
            examples.addObject()
                    .put("text", kept.example().text())
                    .put("label", kept.example().label())
                    .put("when", kept.when().toString())
                    .put("correction", kept.isCorrection());
        }
        json.setAll(report());
        json.put("personalAdapter", agent.personalAdapter().orElse(new byte[0]));
        return json;
    }

    private static List<Consent> consents(JsonNode asked) {
        List<Consent> consents = new ArrayList<>();
        for (JsonNode name : asked.path("what")) {
            consents.add(Optional.of(name.asText())
                    .flatMap(Commands::consent)
                    .orElseThrow(() -> new IllegalArgumentException(
                            "what is allowed is one of learn, contribute, " + "ask_online")));
        }
        if (consents.isEmpty()) {
            throw new IllegalArgumentException("\"what\" is a list of learn, contribute, ask_online");
        }
        return consents;
    }

    private static Optional<Consent> consent(String name) {
        for (Consent consent : Consent.values()) {
            if (lower(consent).equals(name.toLowerCase(Locale.ROOT))) {
                return Optional.of(consent);
            }
        }
        return Optional.empty();
    }

    private static String lower(Consent consent) {
        return consent.name().toLowerCase(Locale.ROOT);
    }

    private static String text(JsonNode json, String name) {
        if (!json.path(name).isTextual()) {
            throw new IllegalArgumentException("\"" + name + "\" is missing");
        }
        return json.path(name).asText();
    }

    private static ObjectNode object() {
        return new ObjectMapper().createObjectNode();
    }
}
