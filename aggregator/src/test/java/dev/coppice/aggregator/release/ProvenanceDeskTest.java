package dev.coppice.aggregator.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.ParameterLayout;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.format.OnnxAdapter;
import dev.coppice.adapters.format.PeftAdapter;
import dev.coppice.adapters.format.PeftConfig;
import dev.coppice.adapters.format.PeftStrength;
import dev.coppice.adapters.format.PeftTargets;
import dev.coppice.adapters.format.Safetensors;
import dev.coppice.adapters.pack.PackContents;
import dev.coppice.adapters.pack.Provenance;
import dev.coppice.adapters.transfer.PackCoding;
import dev.coppice.aggregator.store.AbortReason;
import dev.coppice.aggregator.store.Step;
import dev.coppice.aggregator.store.StoredRound;
import dev.coppice.aggregator.store.StoredRound.Result;
import dev.coppice.aggregator.store.StoredTask;
import dev.coppice.aggregator.store.folder.BlobFolder;
import dev.coppice.aggregator.store.memory.MemoryStore;
import dev.coppice.crypto.Sha256;
import dev.coppice.crypto.privacy.accounting.RdpAccountant;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.SignedMessages;
import dev.coppice.crypto.signing.SigningKey;
import dev.coppice.protocol.round.Privacy;
import dev.coppice.protocol.round.RoundTerms;
import dev.coppice.testkit.SeededBytes;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The aggregator vouches for files that hold what its rounds made, and for nothing else. */
class ProvenanceDeskTest {
    private static final String A = "m.q.lora_A.weight";
    private static final String B = "m.q.lora_B.weight";
    private static final SigningKey SERVER = SigningKey.generate(new SeededBytes(1)::fill);

    @TempDir
    Path folder;

    private final MemoryStore store = new MemoryStore();
    private BlobFolder blobs;
    private ProvenanceDesk desk;

    @BeforeEach
    void begin() throws Exception {
        blobs = new BlobFolder(folder);
        desk = new ProvenanceDesk(store, blobs, SERVER);
    }

    @Test
    void roundsAreToldOfWithWhatADeviceSpentInAllOfThem() throws Exception {
        StoredTask task = task("t", candidate(0.5f));
        round(task, 1, new Result(hash("first"), 9, hash("transcript 1")));
        round(task, 2, new Result("", 0, ""));
        round(task, 3, new Result(candidate(0.5f), 8, hash("transcript 3")));

        Map<String, String> files = files(0.5f);
        Provenance told = Provenance.verified(desk.state(task, Optional.empty(), files), SERVER.verifyingKey());

        assertThat(told.files()).isEqualTo(files);
        assertThat(told.candidateSha256()).isEqualTo(candidate(0.5f));
        assertThat(told.rounds()).extracting(Provenance.Round::number).containsExactly(1, 3);
        assertThat(told.rounds()).extracting(Provenance.Round::inSum).containsExactly(9, 8);
        assertThat(told.rounds().getLast().transcriptSha256()).isEqualTo(hash("transcript 3"));
        assertThat(told.rounds().getLast().termsSha256())
                .isEqualTo(Sha256.hex(terms(task, 3).toByteArray()));
        for (Provenance.Round round : told.rounds()) { // the one that was abandoned was paid for as well
            assertThat(round.epsilonSoFar().orElseThrow())
                    .isCloseTo(RdpAccountant.epsilon(4, round.number(), 1e-8), Offset.offset(1e-6));
        }
    }

    @Test
    void filesWithOtherWeightsThanTheRoundsMadeAreNotVouchedFor() throws Exception {
        StoredTask task = task("t", candidate(0.5f));
        round(task, 1, new Result(candidate(0.5f), 9, hash("transcript")));

        refused(task, files(0.25f), "other weights");
        Map<String, String> mixed = new HashMap<>(files(0.5f));
        mixed.put(PackContents.ONNX, files(0.25f).getOrDefault(PackContents.ONNX, ""));
        refused(task, mixed, "other weights");
        mixed.put(PackContents.ONNX, hash("not stored"));
        refused(task, mixed, "not stored");
        mixed.remove(PackContents.CONFIG);
        refused(task, mixed, "not stored");
        Map<String, String> spoilt = new HashMap<>(files(0.5f));
        spoilt.put(PackContents.WEIGHTS, blobs.put(new byte[] {1, 2, 3}));
        refused(task, spoilt, "no adapter");
    }

    @Test
    void roundsThatMeasuredAnotherAdapterAreNotVouchedForAsEvaluation() throws Exception {
        StoredTask task = task("t", candidate(0.5f));
        round(task, 1, new Result(candidate(0.5f), 9, hash("transcript")));
        StoredTask other = task("other", candidate(0.25f));
        assertThatThrownBy(() -> desk.state(task, Optional.of(other), files(0.5f)))
                .isInstanceOf(RepositoryRefusedException.class)
                .hasMessageContaining("of another adapter");
        StoredTask evaluation = task("e", candidate(0.5f));
        round(evaluation, 1, new Result(hash("figures"), 8, hash("transcript")));
        Provenance told =
                Provenance.verified(desk.state(task, Optional.of(evaluation), files(0.5f)), SERVER.verifyingKey());
        assertThat(told.evaluations())
                .extracting(Provenance.Round::resultSha256)
                .containsExactly(hash("figures"));
        assertThat(told.evaluations().getFirst().epsilonSoFar().orElseThrow())
                .as("of both")
                .isCloseTo(RdpAccountant.epsilon(4, 2, 1e-8), Offset.offset(1e-6));
    }

    @Test
    void roundsOfAnotherTaskOrOfATimeWhenLessWasRememberedAreNotVouchedFor() throws Exception {
        StoredTask task = task("t", candidate(0.5f));
        refused(task, files(0.5f), "1 to");
        round(task, 1, new Result(hash("other"), 9, hash("transcript")));
        refused(task, files(0.5f), "another adapter");
        round(task, 2, new Result(candidate(0.5f), 9, ""));
        refused(task, files(0.5f), "remembered too little");
    }

    private void refused(StoredTask task, Map<String, String> files, String why) {
        assertThatThrownBy(() -> desk.state(task, Optional.empty(), files))
                .isInstanceOf(RepositoryRefusedException.class)
                .hasMessageContaining(why);
    }

    private StoredTask task(String id, String candidate) {
        RoundTerms template = RoundTerms.newBuilder()
                .setSkill("lights")
                .setBaseModelSha256(hash("model"))
                .setKitSha256(hash("kit"))
                .setPrivacy(Privacy.newBuilder().setNoiseMultiplier(4).setDelta(1e-8))
                .build();
        StoredTask task = new StoredTask(
                id,
                "home",
                hash("model"),
                "{}",
                template.toByteString(),
                StoredTask.State.COMPLETED,
                candidate,
                ByteString.EMPTY,
                ByteString.EMPTY,
                0);
        store.addTask(task);
        return task;
    }

    private void round(StoredTask task, int number, Result result) throws Exception {
        ByteString signed = SignedMessages.sign(SERVER, Purpose.ROUND_TERMS, terms(task, number))
                .toByteString();
        StoredRound open = StoredRound.opening(task.id() + "-" + number, task.id(), number, signed, Instant.EPOCH);
        assertThat(store.open(open, 1)).isTrue();
        for (int i = 0; i < 10; i++) {
            store.take(open.id(), Step.ADVERTISE, "d-" + i, ByteString.EMPTY, 10);
        }
        StoredRound seen = store.findRound(open.id()).orElseThrow();
        store.advance(
                seen, result.sha256().isEmpty() ? seen.aborted(AbortReason.TOO_FEW_SHARED) : seen.completed(result));
    }

    private static RoundTerms terms(StoredTask task, int number) throws Exception {
        return RoundTerms.parseFrom(task.template()).toBuilder()
                .setNumber(number)
                .build();
    }

    private String candidate(float value) throws Exception {
        ParameterLayout layout = ParameterLayout.of(List.of(new TensorSpec(B, List.of(2, 1))));
        return blobs.put(Safetensors.write(AdapterWeights.of(layout, new float[] {value, -value})));
    }

    /** With A as the kit froze it. */
    private Map<String, String> files(float value) throws Exception {
        ParameterLayout layout =
                ParameterLayout.of(List.of(new TensorSpec(A, List.of(1, 2)), new TensorSpec(B, List.of(2, 1))));
        PeftConfig config = new PeftConfig(
                "",
                "CAUSAL_LM",
                new PeftStrength(1, 1, false, Map.of(), Map.of()),
                PeftTargets.ends(List.of("q")),
                0,
                List.of());
        PeftAdapter adapter =
                PeftAdapter.of(config, PackCoding.coarse(AdapterWeights.of(layout, new float[] {1, 2, value, -value})));
        Map<String, String> files = new HashMap<>();
        for (Map.Entry<String, byte[]> file : adapter.files().entrySet()) {
            files.put(file.getKey(), blobs.put(file.getValue()));
        }
        files.put(PackContents.ONNX, blobs.put(OnnxAdapter.of(adapter).write()));
        files.put(PackContents.SKILL, hash("{}"));
        return files;
    }

    private static String hash(String of) {
        return Sha256.hex(of.getBytes(StandardCharsets.UTF_8));
    }
}
