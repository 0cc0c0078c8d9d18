package dev.coppice.agent.daemon;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.agent.Installation;
import dev.coppice.agent.Participation;
import dev.coppice.agent.Personalization;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Tells what came of a piece of work as JSON, and counts it. Thread-safe. */
public final class Outcomes {
    private final Map<String, Long> counts = new TreeMap<>();

    /** What came of a try to take part in a round. */
    public ObjectNode of(Participation result) {
        if (result instanceof Participation.TookPart took) {
            return counted("round", "took_part")
                    .put("round", took.roundId())
                    .put("skill", took.skill())
                    .put("steps", took.steps())
                    .put("loss", took.loss())
                    .put("epsilonSpent", took.epsilonSpent())
                    .put("bytesUp", took.bytesUp())
                    .put("bytesDown", took.bytesDown());
        } else if (result instanceof Participation.NothingToDo later) {
            return comeBack(counted("round", "nothing_to_do"), later.comeBack());
        } else if (result instanceof Participation.NotNow later) {
            return comeBack(counted("round", "not_now"), later.comeBack()).put("why", lower(later.obstacle()));
        } else if (result instanceof Participation.DroppedOut gone) {
            return counted("round", "dropped_out")
                    .put("round", gone.roundId())
                    .put("step", lower(gone.step()))
                    .put("why", gone.why())
                    .put("charged", gone.charged());
        } else if (result instanceof Participation.Refused refused) {
            return counted("round", "refused")
                    .put("round", refused.roundId())
                    .put("reason", lower(refused.reason()))
                    .put("why", refused.why());
        }
        throw new IllegalStateException("a kind of participation that is not known here");
    }

    /** What came of training for this device alone. */
    public ObjectNode of(Personalization result) {
        if (result instanceof Personalization.Improved better) {
            return counted("training", "improved")
                    .put("lossBefore", better.lossBefore())
                    .put("lossAfter", better.lossAfter())
                    .put("steps", better.steps());
        } else if (result instanceof Personalization.KeptOld old) {
            return counted("training", "kept_old")
                    .put("lossBefore", old.lossBefore())
                    .put("bestLoss", old.bestLoss())
                    .put("steps", old.steps());
        } else if (result instanceof Personalization.Forgot forgot) {
            return counted("training", "forgot")
                    .put("packAccuracy", forgot.packAccuracy())
                    .put("personalAccuracy", forgot.personalAccuracy());
        } else if (result instanceof Personalization.TooFewExamples few) {
            return counted("training", "too_few_examples")
                    .put("training", few.training())
                    .put("heldOut", few.heldOut());
        } else if (result instanceof Personalization.NotNow later) {
            return comeBack(counted("training", "not_now"), later.comeBack()).put("why", lower(later.obstacle()));
        }
        throw new IllegalStateException("a kind of personalization that is not known here");
    }

    /** What came of a look for a newer pack. */
    public ObjectNode of(Installation result) {
        if (result instanceof Installation.Installed installed) {
            return counted("update", "installed").put("pack", installed.version());
        } else if (result instanceof Installation.UpToDate same) {
            return counted("update", "up_to_date").put("pack", same.version());
        } else if (result instanceof Installation.Revoked revoked) {
            return counted("update", "revoked")
                    .put("revoked", revoked.version())
                    .put("pack", revoked.now());
        } else if (result instanceof Installation.Returned back) {
            return counted("update", "returned").put("left", back.version()).put("pack", back.now());
        } else if (result instanceof Installation.RolledBack worse) {
            return counted("update", "rolled_back").put("pack", worse.version()).put("why", worse.why());
        } else if (result instanceof Installation.Refused refused) {
            return counted("update", "refused").put("why", refused.why());
        } else if (result instanceof Installation.Unreachable away) {
            return counted("update", "unreachable").put("why", away.why());
        } else if (result instanceof Installation.NotNow later) {
            return comeBack(counted("update", "not_now"), later.comeBack()).put("why", lower(later.obstacle()));
        }
        throw new IllegalStateException("a kind of installation that is not known here");
    }

    /** How often each came, as lines of the Prometheus text format. */
    public synchronized String toMetrics() {
        StringBuilder lines = new StringBuilder("# TYPE coppice_agent_work_total counter\n");
        counts.forEach((labels, count) -> lines.append("coppice_agent_work_total")
                .append(labels)
                .append(' ')
                .append(count)
                .append('\n'));
        return lines.toString();
    }

    private synchronized ObjectNode counted(String work, String result) {
        counts.merge("{work=\"" + work + "\",result=\"" + result + "\"}", 1L, Long::sum);
        return new ObjectMapper().createObjectNode().put("result", result);
    }

    private static ObjectNode comeBack(ObjectNode json, Duration after) {
        return json.put("comeBackSeconds", after.toSeconds());
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
