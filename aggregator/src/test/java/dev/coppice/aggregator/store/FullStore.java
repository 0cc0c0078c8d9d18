package dev.coppice.aggregator.store;

import com.google.protobuf.ByteString;
import dev.coppice.aggregator.store.AnswerStore.StoredAnswer;
import dev.coppice.aggregator.store.AuditStore.AuditEntry;
import dev.coppice.aggregator.store.EnrolmentStore.Device;
import dev.coppice.aggregator.store.FaultStore.ProvenFault;
import dev.coppice.aggregator.store.FleetStore.SeenDevice;
import dev.coppice.aggregator.store.HaltStore.StoredHalt;
import dev.coppice.aggregator.store.InputStore.InputSum;
import dev.coppice.aggregator.store.InputStore.TakenInputs;
import dev.coppice.aggregator.store.RepositoryStore.Metadata;
import dev.coppice.aggregator.store.RepositoryStore.StoredRollouts;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** A store with something of everything in it, and values that are easily lost on the way elsewhere. */
public final class FullStore {
    /** The tasks, in the order in which they were created, which is not that of their names. */
    public static final List<String> TASKS = List.of("t-9", "t-1", "t-5");

    private static final Instant AT = Instant.parse("2026-01-01T00:01:00.007Z");
    private static final String HASH = "ab".repeat(32);
    private static final String TEXT = "Größe: 'ten\n日本 \uD83C\uDF33";

    private FullStore() {}

    private static ByteString large() {
        byte[] bytes = new byte[30_000];
        new SplittableRandom(1).nextBytes(bytes);
        return ByteString.copyFrom(bytes);
    }

    /** Fills an empty store. One of its rounds is over, one waits for masked inputs and has some, one collects them from a log. */
    public static void fill(Store store, String candidateSha256) {
        ByteString large = large();
        for (String id : TASKS) {
            store.addTask(new StoredTask(
                    id,
                    "home",
                    HASH,
                    TEXT,
                    ByteString.copyFromUtf8("terms"),
                    StoredTask.State.OPEN,
                    candidateSha256,
                    large,
                    ByteString.EMPTY,
                    Long.MAX_VALUE));
        }
        StoredRound over = StoredRound.opening("r-over", "t-1", 1, large, AT);
        store.open(over, 1);
        store.advance(over, over.aborted(AbortReason.TOO_FEW_DEVICES));
        masking(store, "r-masking", "t-1", 2);
        for (String device : List.of("d-1", "d-2")) {
            store.takeInput(device, SentBytes.of(large), 9, new LedgerStore.Part("r-masking", AT, Math.PI));
        }
        masking(store, "r-collecting", "t-5", 1);
        StoredRound seen = store.findRound("r-collecting").orElseThrow();
        store.advance(seen, seen.in(Phase.COLLECTING, AT));
        store.putSums(
                new TakenInputs("r-collecting", Map.of("d-1", HASH), AT, 1.25), List.of(new InputSum(0, 1, 20, large)));
        store.told(store.untold(1));

        store.addTokens(List.of(HASH), "home");
        store.redeem(HASH, new Device("d-1", ByteString.copyFrom(new byte[32]), "home", large.substring(0, 9), false));
        store.revoke("d-1");
        store.saw(new SeenDevice("d-1", "home", AT, -1, "phone", TEXT.substring(0, 9)), AT);
        store.useNonce("d-1", ByteString.copyFromUtf8("nonce"), AT);
        store.recordFaults(List.of(new ProvenFault("d-2", "r-over", "FALSE_SHARE", "d-1")));
        store.addAnswer(new StoredAnswer("ann", HASH, HASH, AT, 200, "text/plain", ByteString.EMPTY));
        store.addAudit(new AuditEntry(0, AT, "ann", "POST /v1", TEXT, HASH));
        store.putHalt(new StoredHalt("home", 1, true, TEXT));
        store.claim("merge", "owner", AT, AT);
        store.addMetadata(List.of(new Metadata("root", 1, large)));
        store.addLogEntry(0, TEXT);
        store.replaceRollouts("skill", 0, new StoredRollouts(1, "{}"));
    }

    private static void masking(Store store, String round, String task, int number) {
        store.open(StoredRound.opening(round, task, number, ByteString.EMPTY, AT), 1);
        store.offer(round, "d-3", AT, Instant.EPOCH, 9); // which does not take it up
        for (Step step : List.of(Step.ADVERTISE, Step.SHARES, Step.MASKED)) {
            StoredRound seen = store.findRound(round).orElseThrow();
            if (seen.phase() != step.phase()) {
                store.advance(seen, seen.in(step.phase(), AT));
            }
            for (String device : List.of("d-1", "d-2")) {
                if (step != Step.MASKED) {
                    store.take(round, step, device, ByteString.copyFromUtf8(device + step), 9);
                }
            }
        }
    }
}
