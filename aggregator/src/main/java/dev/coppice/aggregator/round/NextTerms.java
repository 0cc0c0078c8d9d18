package dev.coppice.aggregator.round;

import com.google.protobuf.ByteString;
import dev.coppice.adapters.ParameterLayout;
import dev.coppice.aggregator.store.StoredTask;
import dev.coppice.aggregator.task.FactorTurn;
import dev.coppice.aggregator.task.TaskJson;
import dev.coppice.crypto.Sha256;
import dev.coppice.protocol.round.RoundTerms;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/** The terms of a task's next round. Pure: the same task and round give the same terms. */
public final class NextTerms {
    private NextTerms() {}

    /**
     * Terms of a round of training.
     *
     * @param number of the round, from 1
     * @param merges that the task has behind it, which decide whose turn it is
     * @param layout of the task's adapters
     */
    public static RoundTerms training(StoredTask task, int number, int merges, ParameterLayout layout, Instant now) {
        RoundTerms.Builder terms = of(task, number, now);
        FactorTurn.stored(merges, TaskJson.stored(task.definition()), layout).putInto(terms);
        return terms.build();
    }

    /** Terms of a round of metrics. */
    static RoundTerms metrics(StoredTask task, int number, Instant now) {
        return of(task, number, now).build();
    }

    /** A round's name. */
    static String id(StoredTask task, int number) {
        return task.id() + "-" + number;
    }

    private static RoundTerms.Builder of(StoredTask task, int number, Instant now) {
        RoundTerms template = template(task);
        return template.toBuilder()
                .setRoundId(id(task, number))
                .setTaskId(task.id())
                .setNumber(number)
                .setCandidateSha256(task.candidateSha256())
                .setEncoding(template.getEncoding().toBuilder().setRotationSeed(rotationSeed(template, number)))
                .setOpenedEpochMillis(now.toEpochMilli());
    }

    static RoundTerms template(StoredTask task) {
        return Stored.parse(RoundTerms.parser(), task.template());
    }

    /** Another rotation each round, public, and the same for the same task definition: runs can be repeated. */
    private static ByteString rotationSeed(RoundTerms template, int number) {
        byte[] name = ("rotation of round " + number).getBytes(StandardCharsets.US_ASCII);
        return ByteString.copyFrom(
                Sha256.hash(name, template.getEncoding().getRotationSeed().toByteArray()));
    }
}
