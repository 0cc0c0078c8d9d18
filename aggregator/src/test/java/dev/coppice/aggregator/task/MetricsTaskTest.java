package dev.coppice.aggregator.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.ParameterLayout;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.format.Safetensors;
import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.kit.Task;
import dev.coppice.adapters.lora.LoraSpec;
import dev.coppice.aggregator.store.StoredTask;
import dev.coppice.aggregator.store.folder.BlobFolder;
import dev.coppice.aggregator.store.memory.MemoryStore;
import dev.coppice.crypto.metrics.MetricsLayout;
import dev.coppice.crypto.privacy.NoisePlan;
import dev.coppice.protocol.round.MetricsSubject;
import dev.coppice.protocol.round.RoundTerms;
import dev.coppice.testkit.SeededBytes;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tasks that ask devices how packs do. */
class MetricsTaskTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    private BlobFolder blobs;
    private TaskDesk desk;

    @BeforeEach
    void begin() throws Exception {
        blobs = new BlobFolder(folder);
        desk = new TaskDesk(new MemoryStore(), blobs, new SeededBytes(1)::fill);
    }

    @Test
    void termsAskForTheAgreedFiguresWithTheNoiseOfTheBudget() throws Exception {
        StoredTask task = create(json -> {});
        RoundTerms terms = RoundTerms.parseFrom(task.template());
        assertThat(terms.hasTraining()).isFalse();
        assertThat(terms.getMetrics().getPackVersion()).isEqualTo(2);
        assertThat(terms.getMetrics().getDeviceClassesList()).containsExactly("phone", "tablet");
        assertThat(terms.getEncoding().getDimension()).isEqualTo(18);
        assertThat(terms.getEncoding().getClipNorm()).isEqualTo(MetricsLayout.CLIP_NORM);
        NoisePlan plan = NoisePlan.verify(terms.getEncoding(), terms.getPrivacy(), terms.getCohort());
        assertThat(plan.epsilon()).isBetween(1.5, 2.0);
        assertThat(TaskJson.stored(task.definition()).metrics()).isNotNull();
    }

    @Test
    void aCandidateThatIsAskedAboutIsStored() throws Exception {
        refused("initialAdapterSha256", json -> json.withObject("/metrics").put("packVersion", 0));
        refused("No blob", json -> {
            json.withObject("/metrics").put("packVersion", 0);
            json.put("initialAdapterSha256", "ab".repeat(32));
        });
        ParameterLayout layout = ParameterLayout.of(List.of(new TensorSpec("adapter", List.of(3))));
        String candidate = blobs.put(Safetensors.write(AdapterWeights.of(layout, new float[3])));
        StoredTask task = create(json -> {
            json.withObject("/metrics").put("packVersion", 0);
            json.put("initialAdapterSha256", candidate);
        });
        assertThat(task.candidateSha256()).isEqualTo(candidate);
    }

    @Test
    void personalAdaptersAreAskedAboutInFiguresOfTheirOwn() throws Exception {
        StoredTask task = create(
                json -> json.withObject("/metrics").put("subject", "personal").put("packVersion", 0));
        RoundTerms terms = RoundTerms.parseFrom(task.template());
        assertThat(terms.getMetrics().getSubject()).isEqualTo(MetricsSubject.PERSONAL_ADAPTERS);
        assertThat(terms.getEncoding().getDimension()).isEqualTo(27);
        assertThat(terms.getEncoding().getClipNorm()).isEqualTo(MetricsLayout.PERSONAL_CLIP_NORM);
        assertThat(TaskJson.stored(task.definition()).kind()).isEqualTo("personal");
        refused("and 0 with personal", json -> json.withObject("/metrics").put("subject", "personal"));
        refused("metrics.subject", json -> json.withObject("/metrics").put("subject", "users"));
        refused(
                "has no initialAdapterSha256",
                json -> json.put("initialAdapterSha256", "ab".repeat(32))
                        .withObject("/metrics")
                        .put("subject", "personal")
                        .put("packVersion", 0));
    }

    @Test
    void whatMakesNoSenseIsRefused() {
        for (String training : List.of("localSteps", "learningRate", "examplesMin", "clipNorm")) {
            refused("A task of metrics has no " + training, json -> json.put(training, 1));
        }
        refused("clip", json -> json.putObject("clip"));
        refused("has no initialAdapterSha256", json -> json.put("initialAdapterSha256", "ab".repeat(32)));
        refused("packVersion", json -> json.withObject("/metrics").put("packVersion", -1));
        refused("devicesMin", json -> json.withObject("/metrics").put("devicesMin", 2));
        refused("devicesMin", json -> json.withObject("/metrics").remove("devicesMin"));
        refused("deviceClasses", json -> json.withObject("/metrics").putNull("deviceClasses"));
        refused(
                "deviceClasses",
                json -> json.withObject("/metrics").putArray("deviceClasses").addNull());
        refused(
                "ascending",
                json -> json.withObject("/metrics")
                        .putArray("deviceClasses")
                        .add("b")
                        .add("a"));
        refused("Not a task definition", json -> json.put("metrics", 7));
    }

    private void refused(String why, Consumer<ObjectNode> change) {
        assertThatThrownBy(() -> create(change))
                .isInstanceOf(TaskRefusedException.class)
                .hasMessageContaining(why);
    }

    private StoredTask create(Consumer<ObjectNode> change) throws Exception {
        KitSpec kit = new KitSpec(Task.TEXT_CLASSIFICATION, LoraSpec.none(), List.of("yes", "no"), 4, 16);
        ObjectNode json = (ObjectNode) JSON.readTree("""
                {"skill": "s", "population": "home", "baseModelSha256": "%1$s", "kitSpec": %2$s, "kitSha256": "%1$s",
                 "rounds": 1, "epsilon": 2, "delta": 1e-8,
                 "cohort": {"min": 20, "max": 40, "dropoutBound": 0.2, "corruptionBound": 0.05},
                 "metrics": {"packVersion": 2, "deviceClasses": ["phone", "tablet"], "devicesMin": 10},
                 "phaseSeconds": {"advertise": 10, "shares": 10, "masked": 10, "unmask": 10}}
                """.formatted("ab".repeat(32), JSON.readTree(kit.toJson())));
        change.accept(json);
        return desk.create(JSON.writeValueAsBytes(json));
    }
}
