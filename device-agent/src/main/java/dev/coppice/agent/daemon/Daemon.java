package dev.coppice.agent.daemon;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.agent.Agent;
import dev.coppice.agent.PersonalizationDue;
import dev.coppice.agent.upload.Pause;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Works whenever there is something to do that the policy allows: looks for a newer pack, trains the personal adapter where
 * it is due, asks for a round, and rests until it is worth asking again. Logs what came of each, with a field for each
 * figure.
 */
public final class Daemon {
    private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);
    private static final Duration REST_AFTER_WORK = Duration.ofSeconds(30);
    private static final Duration REST_AFTER_TROUBLE = Duration.ofMinutes(5);
    private static final Duration REST_MAX = Duration.ofMinutes(15);
    private static final Duration LOOK_AROUND = Duration.ofSeconds(30);

    private final Agent agent;
    private final Outcomes outcomes;
    private final Pause pause;

    /** @param agent stays the caller's */
    public Daemon(Agent agent, Outcomes outcomes, Pause pause) {
        this.agent = agent;
        this.outcomes = outcomes;
        this.pause = pause;
    }

    /** Works and rests until the thread is interrupted. */
    public void run() throws InterruptedException {
        while (true) {
            rest(turn());
        }
    }

    /** While it rests, questions may come through the door; what they opened is given back once no more come. */
    private void rest(Duration length) throws InterruptedException {
        Duration left = length;
        while (!left.isZero() && !left.isNegative()) {
            Duration nap = left.compareTo(LOOK_AROUND) < 0 ? left : LOOK_AROUND;
            pause.sleep(nap);
            left = left.minus(nap);
            if (agent.rest()) {
                System.gc(); // a heap is made smaller by a full collection only, and an idle one asks for none
            }
        }
    }

    /**
     * One turn.
     *
     * @return how long to rest
     */
    Duration turn() throws InterruptedException {
        try {
            log("update", outcomes.of(agent.update()));
            Optional<PersonalizationDue> due = agent.personalizationDue();
            if (due.isPresent()) {
                log(
                        "training",
                        outcomes.of(agent.personalize()).put("due", due.get().name()));
            }
            ObjectNode round = outcomes.of(agent.takePart());
            log("round", round);
            return rest(round);
        } catch (IOException | EngineException e) {
            LOG.atError().setCause(e).log("trouble with the device's own files or engine");
            return REST_AFTER_TROUBLE;
        }
    }

    private static Duration rest(ObjectNode round) {
        if (round.has("comeBackSeconds")) {
            Duration asked = Duration.ofSeconds(round.path("comeBackSeconds").asLong());
            return asked.compareTo(REST_MAX) < 0 ? asked : REST_MAX; // packs and training may be due before
        }
        return round.path("result").asText().equals("took_part") ? REST_AFTER_WORK : REST_AFTER_TROUBLE;
    }

    private static void log(String work, ObjectNode outcome) {
        String result = outcome.path("result").asText();
        boolean isNews = !result.equals("not_now") && !result.equals("nothing_to_do") && !result.equals("up_to_date");
        LoggingEventBuilder line =
                LOG.atLevel(isNews ? Level.INFO : Level.DEBUG).addKeyValue("work", work);
        for (Map.Entry<String, JsonNode> field : outcome.properties()) {
            line = line.addKeyValue(field.getKey(), field.getValue().asText());
        }
        line.log(work + ": " + result);
    }
}
