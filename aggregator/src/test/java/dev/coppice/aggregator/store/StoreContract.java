package dev.coppice.aggregator.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.coppice.aggregator.store.AnswerStore.StoredAnswer;
import dev.coppice.aggregator.store.FaultStore.ProvenFault;
import dev.coppice.aggregator.store.HaltStore.StoredHalt;
import dev.coppice.aggregator.store.RepositoryStore.Metadata;
import dev.coppice.aggregator.store.RepositoryStore.StoredRollouts;
import dev.coppice.aggregator.store.StoredRound.Result;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every store must do. */
abstract class StoreContract {
    private static final Instant LATER = Instant.parse("2026-01-01T00:01:00Z");
    private static final String HASH = "ab".repeat(32);

    private Store store;

    abstract Store open() throws Exception;

    @BeforeEach
    void aTaskWithARound() throws Exception {
        store = open();
        store.addTask(task());
        assertThat(store.open(round(1), 1)).isTrue();
    }

    private static StoredTask task() {
        return new StoredTask(
                "t-1",
                "home",
                HASH,
                "{}",
                bytes("terms"),
                StoredTask.State.OPEN,
                HASH,
                ByteString.EMPTY,
                ByteString.EMPTY,
                0);
    }

    private static StoredRound round(int number) {
        return StoredRound.opening("t-1-" + number, "t-1", number, bytes("signed"), LATER);
    }

    private static ByteString bytes(String text) {
        return ByteString.copyFromUtf8(text);
    }

    private static SentBytes sent(String text) {
        return SentBytes.of(bytes(text));
    }

    private StoredRound now() {
        return store.findRound("t-1-1").orElseThrow();
    }

    private void phase(Phase phase) {
        StoredRound seen = now();
        assertThat(store.advance(seen, seen.in(phase, LATER))).isTrue();
    }

    @Test
    void whatIsStoredComesBackEqual() {
        assertThat(now()).isEqualTo(round(1));
        assertThat(store.findTask("t-1")).contains(task());
        assertThat(store.unfinishedTasks()).containsExactly(task());
        assertThat(store.openRounds()).containsExactly(round(1));
    }

    @Test
    void aTaskHasOneOpenRoundAndEachNumberOnce() {
        assertThat(store.open(round(2), 1)).isFalse();
        StoredRound seen = now();
        assertThat(store.advance(seen, seen.aborted(AbortReason.TOO_FEW_DEVICES)))
                .isTrue();
        assertThat(store.open(round(1), 1)).isFalse();
        assertThat(store.open(round(2), 1)).isTrue();
        assertThat(store.rounds("t-1")).extracting(StoredRound::number).containsExactly(1, 2);
    }

    @Test
    void asManyRoundsAreOpenAtOnceAsTheCallerAllows() {
        assertThat(store.open(round(2), 2)).isTrue();
        assertThat(store.open(round(3), 2)).isFalse();
        assertThat(store.open(round(2), 3)).isFalse();
        assertThat(store.openRounds()).hasSize(2);
    }

    @Test
    void whatWaitsInATasksBufferIsKeptWithIt() {
        StoredTask next = task().merged(HASH, bytes("state"), bytes("terms")).withBuffer(bytes("waiting"));
        assertThat(store.replaceTask(task(), next)).isTrue();
        assertThat(store.findTask("t-1")).contains(next);
    }

    @Test
    void aMessageIsTakenOnceAndARetryOnlyIfItIsTheSame() {
        assertThat(store.take("t-1-1", Step.ADVERTISE, "d-1", bytes("a"), 9)).isEqualTo(Taken.TAKEN);
        assertThat(store.take("t-1-1", Step.ADVERTISE, "d-1", bytes("a"), 9)).isEqualTo(Taken.ALREADY_TAKEN);
        assertThat(store.take("t-1-1", Step.ADVERTISE, "d-1", bytes("b"), 9)).isEqualTo(Taken.DIFFERENT);
        assertThat(now().tally().advertised()).isEqualTo(1);
        assertThat(store.messages("t-1-1", Step.ADVERTISE)).containsEntry("d-1", bytes("a"));
        assertThat(store.take("t-1-1", Step.ADVERTISE, "d-2", bytes("b"), 9)).isEqualTo(Taken.TAKEN);
        List<ByteString> one = new ArrayList<>();
        store.eachMessage("t-1-1", Step.ADVERTISE, (device, message) -> one.add(message));
        assertThat(one).containsExactlyInAnyOrder(bytes("a"), bytes("b"));
    }

    @Test
    void aStepIsTakenInItsPhaseOnlyAndFromThoseWhoTookTheStepsBefore() {
        assertThat(store.take("t-1-1", Step.ADVERTISE, "d-1", bytes("a"), 9)).isEqualTo(Taken.TAKEN);
        assertThat(store.take("t-1-1", Step.ADVERTISE, "d-2", bytes("a"), 9)).isEqualTo(Taken.TAKEN);
        assertThat(store.take("t-1-1", Step.SHARES, "d-1", bytes("s"), 9)).isEqualTo(Taken.TOO_EARLY);
        phase(Phase.SHARING);
        assertThat(store.take("t-1-1", Step.ADVERTISE, "d-3", bytes("a"), 9)).isEqualTo(Taken.TOO_LATE);
        assertThat(store.take("t-1-1", Step.SHARES, "d-3", bytes("s"), 9)).isEqualTo(Taken.NOT_A_MEMBER);
        assertThat(store.take("t-1-1", Step.SHARES, "d-1", bytes("s"), 9)).isEqualTo(Taken.TAKEN);
        phase(Phase.MASKING);
        assertThat(store.take("t-1-1", Step.MASKED, "d-2", bytes("m"), 9)).isEqualTo(Taken.TOO_LATE);
        assertThat(store.take("t-1-1", Step.MASKED, "d-1", bytes("m"), 9)).isEqualTo(Taken.TAKEN);
        assertThat(store.take("nothing", Step.MASKED, "d-1", bytes("m"), 9)).isEqualTo(Taken.NO_SUCH_ROUND);
        assertThat(store.stepsOf("t-1-1", "d-1")).containsExactlyInAnyOrder(Step.ADVERTISE, Step.SHARES, Step.MASKED);
        assertThat(store.devices("t-1-1", Step.SHARES)).containsExactly("d-1");
    }

    private void members(String... devices) {
        for (String device : devices) {
            assertThat(store.take("t-1-1", Step.ADVERTISE, device, bytes("a"), 9))
                    .isEqualTo(Taken.TAKEN);
        }
    }

    private static InputStore.TakenInputs inputs(String... devices) {
        Map<String, String> hashes = new TreeMap<>();
        for (String device : devices) {
            hashes.put(device, HASH);
        }
        return new InputStore.TakenInputs("t-1-1", hashes, LATER, 1.25);
    }

    @Test
    void inputsThatAreElsewhereCountOnceAndAreInTheirDevicesAccounts() {
        members("d-1", "d-2");
        store.recordInputs(inputs("d-1"));
        assertThat(store.findInput("t-1-1", "d-1")).as("too early").isEmpty();
        phase(Phase.MASKING);
        store.recordInputs(inputs("d-1"));
        store.recordInputs(inputs("d-1", "d-2"));
        assertThat(now().tally().masked()).isEqualTo(2);
        assertThat(store.findInput("t-1-1", "d-1")).contains(HASH);
        assertThat(store.findInput("t-1-1", "d-3")).isEmpty();
        assertThat(store.parts("d-1")).containsExactly(new LedgerStore.Part("t-1-1", LATER, 1.25));
    }

    @Test
    void sumsAreStoredWithAllThatCountsWhileARoundCollectsThemAndGoWithIt() {
        members("d-1", "d-2");
        phase(Phase.MASKING);
        store.recordInputs(inputs("d-1"));
        List<InputStore.InputSum> sums = List.of(
                new InputStore.InputSum(0, 1, 20, bytes("sum")), new InputStore.InputSum(2, 1, 20, bytes("other")));
        assertThat(store.putSums(inputs("d-1", "d-2"), sums)).as("too early").isFalse();
        phase(Phase.COLLECTING);
        assertThat(store.putSums(inputs("d-2"), sums))
                .as("without one that was taken")
                .isFalse();
        assertThat(now().tally().masked()).isEqualTo(1);
        assertThat(store.sums("t-1-1")).isEmpty();
        for (int i = 0; i < 2; i++) {
            assertThat(store.putSums(inputs("d-1", "d-2"), sums)).isTrue();
            assertThat(store.sums("t-1-1")).isEqualTo(sums);
            assertThat(now().tally().masked()).isEqualTo(2);
        }
        assertThat(store.devices("t-1-1", Step.MASKED)).containsExactly("d-1", "d-2");
        phase(Phase.ATTESTING);
        store.recordInputs(inputs("d-3"));
        assertThat(store.findInput("t-1-1", "d-3")).as("too late").isEmpty();
        StoredRound seen = now();
        assertThat(store.advance(seen, seen.aborted(AbortReason.SHARES_MISSING)))
                .isTrue();
        assertThat(store.sums("t-1-1")).isEmpty();
    }

    @Test
    void eachChangeOfARoundIsToldOnceInOrder() {
        members("d-1");
        phase(Phase.SHARING);
        List<EventStore.RoundEvent> events = store.untold(9);
        assertThat(events).extracting(EventStore.RoundEvent::phase).containsExactly(Phase.ADVERTISING, Phase.SHARING);
        assertThat(events.get(1).tally().advertised()).isEqualTo(1);
        assertThat(events.get(1).taskId()).isEqualTo("t-1");
        assertThat(store.untold(1)).containsExactly(events.getFirst());
        store.told(events.subList(0, 1));
        assertThat(store.untold(9)).containsExactly(events.getLast());
        store.told(events);
        assertThat(store.untold(9)).isEmpty();
    }

    @Test
    void whatIsOldIsForgottenAndNothingOfOpenRounds() {
        members("d-1");
        phase(Phase.MASKING);
        store.recordInputs(inputs("d-1"));
        assertThat(store.forgetSteps(LATER.plusSeconds(1))).as("open").isZero();
        StoredRound seen = now();
        assertThat(store.advance(seen, seen.aborted(AbortReason.TOO_FEW_MASKED)))
                .isTrue();
        assertThat(store.forgetSteps(LATER)).as("not old yet").isZero();
        assertThat(store.forgetSteps(LATER.plusSeconds(1))).isEqualTo(2);
        assertThat(store.stepsOf("t-1-1", "d-1")).isEmpty();
        assertThat(store.forgetParts(LATER)).as("not old yet").isZero();
        assertThat(store.parts("d-1")).hasSize(1);
        assertThat(store.forgetParts(LATER.plusSeconds(1))).isEqualTo(1);
        assertThat(store.parts("d-1")).isEmpty();
        assertThat(now().phase()).as("rounds stay").isEqualTo(Phase.ABORTED);
    }

    @Test
    void ofADeviceThatAskedForItNothingIsLeft() {
        store.addTokens(List.of(HASH), "home");
        EnrolmentStore.Device device = device("d-1", "key-1");
        assertThat(store.redeem(HASH, device)).isTrue();
        members("d-1", "d-2");
        for (String one : List.of("d-1", "d-2")) {
            store.saw(new FleetStore.SeenDevice(one, "home", LATER, 1, "phone", "1"), LATER);
        }
        phase(Phase.MASKING);
        store.recordInputs(inputs("d-1", "d-2"));
        store.recordFaults(List.of(
                new FaultStore.ProvenFault("d-1", "t-1-1", "FALSE_SHARE", "d-2"),
                new FaultStore.ProvenFault("d-2", "t-1-1", "FALSE_SHARE", "d-1")));
        assertThat(store.useNonce("d-1", bytes("n"), LATER)).isTrue();
        StoredRound seen = now();
        assertThat(store.advance(seen, seen.aborted(AbortReason.TOO_FEW_MASKED)))
                .isTrue();
        assertThat(store.open(round(2), 1)).isTrue();
        assertThat(store.offer("t-1-2", "d-1", LATER, LATER, 1)).isTrue();
        assertThat(store.offer("t-1-2", "d-2", LATER, LATER, 1)).as("taken").isFalse();
        assertThat(store.forgetDevice("d-1")).isTrue();
        assertThat(store.offer("t-1-2", "d-2", LATER, LATER, 1)).as("free").isTrue();
        assertThat(store.useNonce("d-1", bytes("n"), LATER)).as("forgotten").isTrue();
        assertThat(store.findDevice("d-1")).isEmpty();
        assertThat(store.parts("d-1")).isEmpty();
        assertThat(store.stepsOf("t-1-1", "d-1")).isEmpty();
        assertThat(store.faults()).isEmpty();
        assertThat(store.devicesActive("home", LATER)).as("the other").isEqualTo(1);
        assertThat(store.findToken(HASH).orElseThrow().deviceId()).isEqualTo("deleted");
        assertThat(store.redeem(HASH, device)).as("its token is spent").isFalse();
        assertThat(store.parts("d-2")).as("of others").hasSize(1);
        assertThat(store.forgetDevice("d-1")).isFalse();
    }

    /** It has dropped out of it: others hold shares of its masks, and the tally goes on to count it. */
    @Test
    void anOpenRoundKeepsTheMessagesOfADeviceThatIsDeletedUntilItIsOver() {
        store.addTokens(List.of(HASH), "home");
        assertThat(store.redeem(HASH, device("d-1", "key-1"))).isTrue();
        members("d-1", "d-2");
        assertThat(store.forgetDevice("d-1")).isTrue();
        assertThat(store.messages("t-1-1", Step.ADVERTISE)).containsOnlyKeys("d-1", "d-2");
        assertThat(now().tally().advertised()).isEqualTo(2);
        StoredRound seen = now();
        assertThat(store.advance(seen, seen.aborted(AbortReason.TOO_FEW_MASKED)))
                .isTrue();
        assertThat(store.messages("t-1-1", Step.ADVERTISE)).isEmpty();
        assertThat(store.devices("t-1-1", Step.ADVERTISE)).contains("d-1");
        assertThat(store.forgetSteps(LATER.plusSeconds(1))).isEqualTo(2);
        assertThat(store.devices("t-1-1", Step.ADVERTISE)).isEmpty();
    }

    @Test
    void aMaskedInputIsEnteredInItsDevicesAccountOnce() {
        assertThat(store.parts("d-1")).isEmpty();
        for (String device : List.of("d-1", "d-2")) {
            assertThat(store.take("t-1-1", Step.ADVERTISE, device, bytes("a"), 9))
                    .isEqualTo(Taken.TAKEN);
        }
        phase(Phase.SHARING);
        assertThat(store.take("t-1-1", Step.SHARES, "d-1", bytes("s"), 9)).isEqualTo(Taken.TAKEN);
        LedgerStore.Part part = new LedgerStore.Part("t-1-1", LATER, 1.25);
        assertThat(store.takeInput("d-1", sent("m"), 9, part)).isEqualTo(Taken.TOO_EARLY);
        phase(Phase.MASKING);
        assertThat(store.takeInput("d-2", sent("m"), 9, part)).isEqualTo(Taken.TOO_LATE);
        assertThat(store.takeInput("d-1", sent("m"), 0, part)).isEqualTo(Taken.FULL);
        assertThat(store.parts("d-1")).as("refused").isEmpty();
        assertThat(store.takeInput("d-1", sent("m"), 9, part)).isEqualTo(Taken.TAKEN);
        assertThat(store.takeInput("d-1", sent("m"), 9, part)).isEqualTo(Taken.ALREADY_TAKEN);
        assertThat(store.takeInput("d-1", sent("n"), 9, part)).isEqualTo(Taken.DIFFERENT);
        assertThat(now().tally().masked()).isEqualTo(1);
        StoredRound seen = now();
        assertThat(store.advance(seen, seen.aborted(AbortReason.TOO_FEW_DEVICES)))
                .isTrue();
        assertThat(store.parts("d-1")).as("also of abandoned rounds").containsExactly(part);
        assertThat(store.parts("d-2")).isEmpty();
    }

    /** Only some members are asked for their nonces. */
    @Test
    void whoDidNotOpenItsNonceIsNotLeftOut() {
        assertThat(store.take("t-1-1", Step.ADVERTISE, "d-1", bytes("a"), 9)).isEqualTo(Taken.TAKEN);
        assertThat(store.take("t-1-1", Step.ADVERTISE, "d-2", bytes("a"), 9)).isEqualTo(Taken.TAKEN);
        phase(Phase.OPENING);
        StoredRound seen = now();
        assertThat(store.take("t-1-1", Step.OPEN, "d-1", bytes("n"), 9)).isEqualTo(Taken.TAKEN);
        assertThat(now().tally().opened()).isEqualTo(1);
        assertThat(store.advance(seen, seen.in(Phase.SHARING, LATER))).isFalse();
        phase(Phase.SHARING);
        assertThat(store.take("t-1-1", Step.OPEN, "d-2", bytes("n"), 9)).isEqualTo(Taken.TOO_LATE);
        assertThat(store.take("t-1-1", Step.SHARES, "d-1", bytes("s"), 9)).isEqualTo(Taken.TAKEN);
        assertThat(store.take("t-1-1", Step.SHARES, "d-2", bytes("s"), 9)).isEqualTo(Taken.TAKEN);
    }

    /** Two devices may attest at once: the roll that others draw from must hold both or none. */
    @Test
    void attestationsAreCountedWhereAPhaseCloses() {
        assertThat(store.take("t-1-1", Step.ADVERTISE, "d-1", bytes("a"), 9)).isEqualTo(Taken.TAKEN);
        phase(Phase.SHARING);
        assertThat(store.take("t-1-1", Step.SHARES, "d-1", bytes("s"), 9)).isEqualTo(Taken.TAKEN);
        phase(Phase.MASKING);
        assertThat(store.take("t-1-1", Step.MASKED, "d-1", bytes("m"), 9)).isEqualTo(Taken.TAKEN);
        phase(Phase.ATTESTING);
        StoredRound seen = now();
        assertThat(store.take("t-1-1", Step.ATTEST, "d-1", bytes("t"), 9)).isEqualTo(Taken.TAKEN);
        assertThat(now().tally().attested()).isEqualTo(1);
        assertThat(store.advance(seen, seen.in(Phase.UNMASKING, LATER))).isFalse();
    }

    @Test
    void aFullCohortTakesNobodyElse() {
        assertThat(store.take("t-1-1", Step.ADVERTISE, "d-1", bytes("a"), 1)).isEqualTo(Taken.TAKEN);
        assertThat(store.take("t-1-1", Step.ADVERTISE, "d-2", bytes("a"), 1)).isEqualTo(Taken.FULL);
    }

    @Test
    void aFaultIsRecordedOnceAndStays() {
        ProvenFault fault = new ProvenFault("device-1", "t-1-1", "WRONG_SHARE_RELEASED", "device-2");
        ProvenFault another = new ProvenFault("device-1", "t-1-2", "FALSE_COMPLAINT", "device-2");
        assertThat(store.isFaulty("device-1")).isFalse();
        store.recordFaults(List.of(another, fault));
        store.recordFaults(List.of(fault));
        assertThat(store.faults()).containsExactly(fault, another);
        assertThat(store.isFaulty("device-1")).isTrue();
        assertThat(store.isFaulty("device-2")).isFalse();
    }

    @Test
    void aPhaseDoesNotCloseOverADeviceThatWasCountedMeanwhile() {
        StoredRound seen = now();
        assertThat(store.take("t-1-1", Step.ADVERTISE, "d-1", bytes("a"), 9)).isEqualTo(Taken.TAKEN);
        assertThat(store.advance(seen, seen.in(Phase.SHARING, LATER))).isFalse();
        StoredRound again = now();
        assertThat(store.advance(again, again.in(Phase.SHARING, LATER))).isTrue();
        assertThat(store.advance(again, again.aborted(AbortReason.TOO_FEW_SHARED)))
                .isFalse();
    }

    @Test
    void theEndOfARoundDeletesWhatWasSentAndKeepsWhoWasThere() {
        assertThat(store.take("t-1-1", Step.ADVERTISE, "d-1", bytes("a"), 9)).isEqualTo(Taken.TAKEN);
        StoredRound seen = now();
        StoredTask before = task();
        StoredTask merged = before.merged("cd".repeat(32), bytes("state"), bytes("next template"));
        assertThat(store.complete(seen, seen.completed(new Result("cd".repeat(32), 3, HASH)), before, merged))
                .isTrue();
        assertThat(store.messages("t-1-1", Step.ADVERTISE)).isEmpty();
        assertThat(store.devices("t-1-1", Step.ADVERTISE)).containsExactly("d-1");
        assertThat(store.findTask("t-1")).contains(merged);
        assertThat(now().result()).isEqualTo(new Result("cd".repeat(32), 3, HASH));
        assertThat(store.openRounds()).isEmpty();
    }

    @Test
    void aRoundIsNotCompletedUnlessItsTaskChangesToo() {
        StoredRound seen = now();
        StoredTask stale = task();
        assertThat(store.replaceTask(stale, stale.merged("cd".repeat(32), ByteString.EMPTY, ByteString.EMPTY)))
                .isTrue();
        assertThat(store.complete(
                        seen,
                        seen.completed(new Result(HASH, 3, HASH)),
                        stale,
                        stale.merged(HASH, ByteString.EMPTY, ByteString.EMPTY)))
                .isFalse();
        assertThat(now()).isEqualTo(seen);
    }

    private interface Meanwhile {
        void goesOn() throws Exception;
    }

    /** How many of these devices are taken, all at once. */
    private int taken(List<String> devices, int max, Meanwhile meanwhile) throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Taken>> verdicts = new ArrayList<>();
            for (String device : devices) {
                verdicts.add(threads.submit(() -> store.take("t-1-1", Step.ADVERTISE, device, bytes("a"), max)));
            }
            meanwhile.goesOn();
            int taken = 0;
            for (Future<Taken> verdict : verdicts) {
                taken += verdict.get() == Taken.TAKEN ? 1 : 0;
            }
            return taken;
        }
    }

    private static List<String> devices(int count) {
        return IntStream.range(0, count).mapToObj(i -> "d-" + i).toList();
    }

    @Test
    void manyThreadsFillACohortExactly() throws Exception {
        int max = 10;
        assertThat(taken(devices(3 * max), max, () -> {})).isEqualTo(max);
        assertThat(now().tally().advertised()).isEqualTo(max);
        assertThat(store.messages("t-1-1", Step.ADVERTISE)).hasSize(max);
    }

    @Test
    void ofManyAttemptsOfOneDeviceOneIsTaken() throws Exception {
        assertThat(taken(Collections.nCopies(10, "d-1"), 9, () -> {})).isEqualTo(1);
        assertThat(now().tally().advertised()).isEqualTo(1);
    }

    /** They may be taken together: each device comes twice, with the same bytes or with others. */
    @Test
    void ofManyInputsAtOnceEachDevicesFirstIsTakenWhileThereIsRoom() throws Exception {
        int max = 20;
        List<String> devices = devices(30);
        devices.forEach(device -> store.take("t-1-1", Step.ADVERTISE, device, bytes("a"), 99));
        phase(Phase.SHARING);
        devices.forEach(device -> store.take("t-1-1", Step.SHARES, device, bytes("s"), 99));
        phase(Phase.MASKING);
        Map<String, List<String>> taken = new ConcurrentSkipListMap<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < 2 * devices.size(); i++) {
                String device = devices.get(i / 2);
                String input = i % 4 == 3 ? "other " + device : "input of " + device;
                all.add(threads.submit(() -> {
                    LedgerStore.Part part = new LedgerStore.Part("t-1-1", LATER, 1.25);
                    if (store.takeInput(device, sent(input), max, part) == Taken.TAKEN) {
                        taken.computeIfAbsent(device, id -> new CopyOnWriteArrayList<>())
                                .add(input);
                    }
                }));
            }
            for (Future<?> one : all) {
                one.get();
            }
        }
        assertThat(taken)
                .hasSize(max)
                .allSatisfy((device, inputs) -> assertThat(inputs).hasSize(1));
        assertThat(now().tally().masked()).isEqualTo(max);
        assertThat(store.messages("t-1-1", Step.MASKED))
                .hasSize(max)
                .allSatisfy((device, message) -> assertThat(taken.get(device)).containsExactly(message.toStringUtf8()));
        devices.forEach(
                device -> assertThat(store.parts(device)).as(device).hasSize(taken.containsKey(device) ? 1 : 0));
    }

    @Test
    void anInputThatComesWhileThePhaseClosesIsCountedOrLeavesNothing() throws Exception {
        members("d-1", "d-2");
        phase(Phase.SHARING);
        devices(3).forEach(device -> store.take("t-1-1", Step.SHARES, device, bytes("s"), 9));
        phase(Phase.MASKING);
        LedgerStore.Part part = new LedgerStore.Part("t-1-1", LATER, 1.25);
        StoredRound seen = now();
        assertThat(store.takeInput("d-1", sent("m"), 9, part)).isEqualTo(Taken.TAKEN);
        assertThat(store.advance(seen, seen.in(Phase.ATTESTING, LATER))).isFalse();
        phase(Phase.ATTESTING);
        assertThat(store.takeInput("d-2", sent("m"), 9, part)).isEqualTo(Taken.TOO_LATE);
        assertThat(store.messages("t-1-1", Step.MASKED)).containsOnlyKeys("d-1");
        assertThat(store.parts("d-2")).isEmpty();
    }

    @Test
    void whoComesWhileAPhaseClosesIsCountedOrLeavesNothing() throws Exception {
        int taken = taken(devices(30), 99, () -> {
            StoredRound seen = now();
            while (!store.advance(seen, seen.in(Phase.SHARING, LATER))) {
                seen = now();
            }
        });
        assertThat(now().tally().advertised()).isEqualTo(taken);
        assertThat(store.messages("t-1-1", Step.ADVERTISE)).hasSize(taken);
    }

    @Test
    void aTokenAdmitsOneDeviceAndAKeyIsEnrolledOnce() {
        store.addTokens(List.of("11".repeat(32), "22".repeat(32)), "home");
        EnrolmentStore.Device first = device("d-1", "1".repeat(32));
        assertThat(store.redeem("11".repeat(32), first)).isTrue();
        assertThat(store.redeem("11".repeat(32), device("d-2", "2".repeat(32)))).isFalse();
        assertThat(store.redeem("22".repeat(32), device("d-3", "1".repeat(32)))).isFalse();
        assertThat(store.redeem("33".repeat(32), device("d-4", "4".repeat(32)))).isFalse();
        assertThat(store.findToken("11".repeat(32))).contains(new EnrolmentStore.Token("home", "d-1"));
        assertThat(store.findToken("22".repeat(32))).contains(new EnrolmentStore.Token("home", ""));
        assertThat(store.findDevice("d-1")).contains(first);
        assertThat(store.findDevice("d-2")).isEmpty();
    }

    @Test
    void aDevicesKeyIsReplacedOnceAndNeverByAnothers() {
        store.addTokens(List.of("11".repeat(32), "22".repeat(32)), "home");
        store.redeem("11".repeat(32), device("d-1", "1".repeat(32)));
        store.redeem("22".repeat(32), device("d-2", "2".repeat(32)));
        EnrolmentStore.Device renewed = device("d-1", "3".repeat(32));
        assertThat(store.renew(bytes("2".repeat(32)), renewed)).isFalse();
        assertThat(store.renew(bytes("1".repeat(32)), device("d-1", "2".repeat(32))))
                .isFalse();
        assertThat(store.renew(bytes("1".repeat(32)), device("d-9", "9".repeat(32))))
                .isFalse();
        assertThat(store.renew(bytes("1".repeat(32)), renewed)).isTrue();
        assertThat(store.renew(bytes("1".repeat(32)), device("d-1", "4".repeat(32))))
                .isFalse();
        assertThat(store.findDevice("d-1")).contains(renewed);
    }

    @Test
    void leasesThatAreGivenBackAreFreeAtOnceAndOthersAreNot() {
        Instant now = Instant.EPOCH;
        Instant until = now.plusSeconds(60);
        assertThat(store.claim("merge/1", "first", now, until)).isTrue();
        assertThat(store.claim("merge/2", "other", now, until)).isTrue();
        assertThat(store.claim("merge/1", "second", now, until)).isFalse();
        store.release("first");
        assertThat(store.claim("merge/1", "second", now, until)).isTrue();
        assertThat(store.claim("merge/2", "second", now, until)).isFalse();
        store.release("nobody");
    }

    @Test
    void aRevokedDeviceStaysRevokedAndKeepsItsKey() {
        String token = "a".repeat(64);
        store.addTokens(List.of(token), "home");
        EnrolmentStore.Device device = device("d-1", "1".repeat(32));
        assertThat(store.revoke("d-1")).isFalse();
        assertThat(store.redeem(token, device)).isTrue();
        assertThat(store.findDevice("d-1").orElseThrow().revoked()).isFalse();
        assertThat(store.revoke("d-1")).isTrue();
        assertThat(store.revoke("d-1")).isTrue();
        assertThat(store.renew(device.signingKey(), device("d-1", "2".repeat(32))))
                .isTrue();
        EnrolmentStore.Device kept = store.findDevice("d-1").orElseThrow();
        assertThat(kept.revoked()).isTrue();
        assertThat(kept.signingKey()).isEqualTo(bytes("2".repeat(32)));
    }

    private static EnrolmentStore.Device device(String id, String key) {
        return new EnrolmentStore.Device(id, bytes(key), "home", bytes("certificate"), false);
    }

    @Test
    void aNonceIsUsedOnceUntilItIsForgotten() {
        assertThat(store.useNonce("d-1", bytes("n"), LATER)).isTrue();
        assertThat(store.useNonce("d-1", bytes("n"), LATER)).isFalse();
        assertThat(store.useNonce("d-2", bytes("n"), LATER)).isTrue();
        store.forgetNonces(LATER);
        assertThat(store.useNonce("d-1", bytes("n"), LATER)).isFalse();
        store.forgetNonces(LATER.plusMillis(1));
        assertThat(store.useNonce("d-1", bytes("n"), LATER)).isTrue();
    }

    @Test
    void eachVersionOfMetadataIsAddedOnceAndNeverChanged() {
        assertThat(store.latestMetadata()).isEmpty();
        assertThat(store.addMetadata(List.of(
                        new Metadata("targets", 1, bytes("t1")),
                        new Metadata("timestamp", 9, bytes("s9")),
                        new Metadata("timestamp", 10, bytes("s10")))))
                .isTrue();
        assertThat(store.addMetadata(List.of(
                        new Metadata("targets", 2, bytes("t2")), new Metadata("timestamp", 10, bytes("other")))))
                .isFalse();
        assertThat(store.latestMetadata()).isEqualTo(Map.of("targets", bytes("t1"), "timestamp", bytes("s10")));
        assertThat(store.findMetadata("timestamp", 9)).contains(bytes("s9"));
        assertThat(store.findMetadata("targets", 2)).isEmpty();
        assertThat(store.findMetadata("root", 1)).isEmpty();
    }

    @Test
    void theLogGrowsByOneEntryAtATimeAndKeepsThemAll() {
        assertThat(store.logEntries(0)).isEmpty();
        assertThat(store.addLogEntry(1, "too early")).isFalse();
        assertThat(store.addLogEntry(0, "first")).isTrue();
        assertThat(store.addLogEntry(0, "another")).isFalse();
        assertThat(store.addLogEntry(1, "second")).isTrue();
        assertThat(store.logEntries(0)).containsExactly("first", "second");
        assertThat(store.logEntries(1)).containsExactly("second");
        assertThat(store.logEntries(5)).isEmpty();
    }

    @Test
    void rolloutsAreReplacedByWhoReadThemLast() {
        assertThat(store.findRollouts("skill")).isEmpty();
        assertThat(store.replaceRollouts("skill", 1, new StoredRollouts(2, "two")))
                .isFalse();
        assertThat(store.replaceRollouts("skill", 0, new StoredRollouts(1, "one")))
                .isTrue();
        assertThat(store.replaceRollouts("skill", 0, new StoredRollouts(1, "other")))
                .isFalse();
        assertThat(store.replaceRollouts("skill", 1, new StoredRollouts(2, "two")))
                .isTrue();
        assertThat(store.replaceRollouts("skill", 1, new StoredRollouts(2, "other")))
                .isFalse();
        assertThat(store.findRollouts("skill")).contains(new StoredRollouts(2, "two"));
        assertThat(store.rolloutSkills()).containsExactly("skill");
    }

    @Test
    void ofTwoDecisionsAboutAHaltOneIsTheNext() {
        assertThat(store.findHalt("home")).isEmpty();
        assertThat(store.putHalt(new StoredHalt("home", 2, true, "too early"))).isFalse();
        assertThat(store.putHalt(new StoredHalt("home", 1, true, "first"))).isTrue();
        assertThat(store.putHalt(new StoredHalt("home", 1, true, "late"))).isFalse();
        assertThat(store.putHalt(new StoredHalt("home", 2, false, "second"))).isTrue();
        assertThat(store.putHalt(new StoredHalt("home", 2, true, "late"))).isFalse();
        assertThat(store.findHalt("home")).contains(new StoredHalt("home", 2, false, "second"));
        assertThat(store.findHalt("others")).isEmpty();
    }

    @Test
    void aLeaseIsItsOwnersUntilItRunsOut() {
        assertThat(store.claim("work", "a", LATER, LATER.plusMillis(10))).isTrue();
        assertThat(store.claim("work", "b", LATER, LATER.plusMillis(10))).isFalse();
        assertThat(store.claim("other work", "b", LATER, LATER.plusMillis(10))).isTrue();
        assertThat(store.claim("work", "a", LATER, LATER.plusMillis(20))).isTrue();
        assertThat(store.claim("work", "b", LATER.plusMillis(19), LATER.plusMillis(30)))
                .isFalse();
        assertThat(store.claim("work", "b", LATER.plusMillis(20), LATER.plusMillis(30)))
                .isTrue();
        assertThat(store.claim("work", "a", LATER.plusMillis(20), LATER.plusMillis(30)))
                .isFalse();
    }

    @Test
    void theAuditLogTakesOneEntryForEachPosition() {
        assertThat(store.findLastAudit()).isEmpty();
        AuditStore.AuditEntry first = new AuditStore.AuditEntry(0, LATER, "ann", "asks", "a thing", "0".repeat(64));
        AuditStore.AuditEntry second = new AuditStore.AuditEntry(1, LATER, "bob", "asks", "more", "1".repeat(64));
        assertThat(store.addAudit(first)).isTrue();
        assertThat(store.addAudit(first)).isFalse();
        assertThat(store.addAudit(second)).isTrue();
        assertThat(store.findLastAudit()).contains(second);
        assertThat(store.audit(0, 10)).containsExactly(first, second);
        assertThat(store.audit(0, 1)).containsExactly(first);
        assertThat(store.audit(1, 10)).containsExactly(second);
        assertThat(store.audit(2, 10)).isEmpty();
    }

    @Test
    void devicesAreCountedByPopulationAndByWhenTheyCheckedIn() {
        assertThat(store.devicesByPopulation()).isEmpty();
        store.addTokens(List.of("a".repeat(64), "b".repeat(64)), "home");
        assertThat(store.redeem("a".repeat(64), device("d-1", "1".repeat(32)))).isTrue();
        assertThat(store.redeem("b".repeat(64), device("d-2", "2".repeat(32)))).isTrue();
        assertThat(store.devicesByPopulation()).isEqualTo(Map.of("home", 2L));

        store.useNonce("d-1", bytes("n1"), LATER);
        store.useNonce("d-1", bytes("n2"), LATER);
        store.useNonce("d-2", bytes("n3"), LATER.minusSeconds(60));
        assertThat(store.devicesSeen(LATER)).isEqualTo(1);
        assertThat(store.devicesSeen(LATER.minusSeconds(60))).isEqualTo(2);
    }

    @Test
    void aRoundIsOfferedToSoManyThatHaveNotJoinedAndAgainToWhoHoldsAnOffer() {
        assertThat(offer("d-1", 1)).isTrue();
        assertThat(offer("d-2", 1)).isFalse();
        assertThat(offer("d-1", 1)).as("again").isTrue();
        assertThat(offer("d-2", 2)).isTrue();
        assertThat(offer("d-3", 2)).isFalse();
        assertThat(store.take("t-1-1", Step.ADVERTISE, "d-1", bytes("a"), 9)).isEqualTo(Taken.TAKEN);
        assertThat(offer("d-3", 2)).as("one was taken up").isTrue();
        assertThat(offer("d-4", 2)).isFalse();
        assertThat(offer("d-3", 1)).as("it holds one").isTrue();
        assertThat(store.outstanding("t-1-1", LATER)).as("d-2 and d-3").isEqualTo(2);
        assertThat(store.outstanding("t-1-1", LATER.plusSeconds(1))).isZero();
        assertThat(store.outstanding("t-1-2", LATER)).isZero();
        assertThat(store.offer("t-1-1", "d-4", LATER.plusSeconds(9), LATER.plusSeconds(1), 2))
                .as("old ones are let go by")
                .isTrue();
    }

    private boolean offer(String deviceId, int max) {
        return store.offer("t-1-1", deviceId, LATER, LATER.minusSeconds(1), max);
    }

    @Test
    void aDeviceIsCountedByWhatItSaidLast() {
        assertThat(store.saw(seen("d-1", 1, "phone"), LATER)).as("a new one").isTrue();
        assertThat(store.saw(seen("d-1", 1, "phone"), LATER)).isFalse();
        assertThat(store.saw(seen("d-1", 2, "phone"), LATER)).isFalse();
        assertThat(store.saw(seen("d-1", 2, "phone"), LATER.plusSeconds(1)))
                .as("since then")
                .isTrue();
        assertThat(store.saw(seen("d-2", 2, "phone"), LATER)).isTrue();
        assertThat(store.saw(seen("d-3", 2, ""), LATER)).isTrue();
        assertThat(store.fleet(LATER))
                .containsExactly(
                        new FleetStore.FleetPart("home", 2, "", 1), new FleetStore.FleetPart("home", 2, "phone", 2));
        assertThat(store.devicesActive("home", LATER)).isEqualTo(3);
        assertThat(store.devicesActive("home", LATER.plusMillis(1))).isZero();
        assertThat(store.devicesActive("office", LATER)).isZero();
    }

    private static FleetStore.SeenDevice seen(String id, int version, String deviceClass) {
        return new FleetStore.SeenDevice(id, "home", LATER, version, deviceClass, "FROM_16");
    }

    @Test
    void anAnswerIsKeptByItsKeyAndReplacedByWhoSawIt() {
        StoredAnswer claim = new StoredAnswer("ann", HASH, HASH, LATER, 0, "", ByteString.EMPTY);
        StoredAnswer done = new StoredAnswer("ann", HASH, HASH, LATER, 200, "text/plain", bytes("sealed"));
        assertThat(store.addAnswer(claim)).isTrue();
        assertThat(store.addAnswer(done)).isFalse();
        assertThat(store.findAnswer("ann", HASH)).contains(claim);
        assertThat(store.findAnswer("bob", HASH)).isEmpty();
        assertThat(store.replaceAnswer(done, claim)).isFalse();
        assertThat(store.replaceAnswer(claim, done)).isTrue();
        assertThat(store.replaceAnswer(claim, done)).isFalse();
        assertThat(store.findAnswer("ann", HASH)).contains(done);
        store.forgetAnswers(LATER);
        assertThat(store.findAnswer("ann", HASH)).isPresent();
        store.forgetAnswers(LATER.plusMillis(1));
        assertThat(store.findAnswer("ann", HASH)).isEmpty();
        assertThat(store.addAnswer(claim)).isTrue();
        store.forgetAnswer("ann", HASH);
        assertThat(store.findAnswer("ann", HASH)).isEmpty();
    }

    @Test
    void tasksAreListedNewestFirst() {
        StoredTask only = store.tasks().getFirst();
        StoredTask newer = new StoredTask(
                "t-newer",
                only.population(),
                only.baseModelSha256(),
                only.definition(),
                only.template(),
                StoredTask.State.COMPLETED,
                only.candidateSha256(),
                only.optimizerState(),
                only.buffer(),
                0);
        store.addTask(newer);
        assertThat(store.tasks()).containsExactly(newer, only);
        assertThat(store.tasks("", 1)).containsExactly(newer);
        assertThat(store.tasks("", 9)).containsExactly(newer, only);
        assertThat(store.tasks("t-newer", 9)).containsExactly(only);
        assertThat(store.tasks("t-1", 9)).isEmpty();
        assertThat(store.tasks("t-none", 9)).isEmpty();
    }
}
