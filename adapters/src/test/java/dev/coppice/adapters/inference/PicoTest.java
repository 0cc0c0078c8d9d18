package dev.coppice.adapters.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.TinyDecoder;
import dev.coppice.adapters.kit.Kit;
import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.kit.Task;
import dev.coppice.adapters.lora.Factors;
import dev.coppice.adapters.lora.LoraSpec;
import dev.coppice.adapters.model.BaseModel;
import dev.coppice.adapters.model.ModelRefusedException;
import dev.coppice.adapters.runtime.Cancellation;
import dev.coppice.adapters.runtime.EngineKind;
import dev.coppice.adapters.runtime.Engines;
import dev.coppice.adapters.runtime.Score;
import dev.coppice.adapters.runtime.SessionSettings;
import dev.coppice.adapters.runtime.TrainingEngine;
import dev.coppice.adapters.text.Batches;
import dev.coppice.adapters.text.Example;
import dev.coppice.testkit.ProjectFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The model that is shipped: what inference makes of texts against what training's own evaluation does. */
class PicoTest {
    private static final LoraSpec LORA = new LoraSpec(4, 8, List.of("q_proj", "v_proj"), Factors.B, 7);
    private static final List<String> TEXTS = List.of(
            "turn the lights on in the kitchen",
            "wake me at seven",
            "lights off",
            "remind me to water the plants please");

    private static BaseModel model;

    @TempDir
    Path folder;

    @BeforeAll
    @SuppressWarnings("MustBeClosed") // closed after all tests
    static void open() throws Exception {
        model = BaseModel.open(ProjectFiles.root().resolve("models/pico"));
    }

    @AfterAll
    static void close() {
        model.close();
    }

    @Test
    void theModelsOwnLabelsWithAnAdapterAndItsHeadAreThoseOfTheKit() throws Exception {
        labelsAreThoseOfTheKit(model.config().labels());
    }

    @Test
    void newLabelsWithAHeadOfTheAdapterAreThoseOfTheKit() throws Exception {
        labelsAreThoseOfTheKit(List.of("urgent", "later", "never"));
    }

    @Test
    void aTextsLabelsDoNotDependOnTheTextsBesideIt() throws Exception {
        List<String> labels = model.config().labels();
        try (Classifier classifier = Classifier.open(model, labels, AdapterTargets.none(), 1);
                AdapterStack none = AdapterStack.none()) {
            List<Labels> together = classifier.classify(TEXTS, none);
            for (int i = 0; i < TEXTS.size(); i++) {
                Labels alone = classifier.classify(List.of(TEXTS.get(i)), none).get(0);
                assertThat(alone.likeliest()).isEqualTo(together.get(i).likeliest());
                assertThat(alone.probability(alone.likeliest()))
                        .isCloseTo(together.get(i).probability(alone.likeliest()), offset(1e-5));
            }
            assertThat(together.get(0).likeliest()).isEqualTo("lights_on");
        }
    }

    @Test
    void newLabelsWithoutAHeadAreRefused() throws Exception {
        try (Classifier classifier = Classifier.open(model, List.of("a", "b"), AdapterTargets.none(), 1);
                AdapterStack none = AdapterStack.none()) {
            assertThatThrownBy(() -> classifier.classify(TEXTS, none))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("score.weight");
        }
    }

    @Test
    void lossesOfTextsAreThoseOfTheKit() throws Exception {
        LoraSpec both = new LoraSpec(4, 8, List.of("q_proj", "v_proj"), Factors.BOTH, 7);
        Kit kit = model.kit(new KitSpec(Task.CAUSAL_LM, both, List.of(), 1, 32), folder.resolve("kit"));
        AdapterWeights trained = trained(kit);
        List<Adapter> adapters = List.of(Adapter.of(kit, trained));
        try (TrainingEngine engine = Engines.open(kit, EngineKind.ORT_TRAINING);
                Scorer scorer = Scorer.open(model, AdapterTargets.of(adapters), 1);
                AdapterStack stack = AdapterStack.of(adapters)) {
            engine.load(trained);
            List<TextScore> scores = scorer.score(TEXTS, stack);
            for (int i = 0; i < TEXTS.size(); i++) {
                List<Score> expected = engine.score(batches(kit)
                                .of(List.of(new Example(TEXTS.get(i), "")))
                                .get(0))
                        .tokens();
                assertThat(scores.get(i).tokens()).isEqualTo(expected.size());
                assertThat(scores.get(i).loss())
                        .isCloseTo(expected.stream().mapToDouble(Score::loss).sum(), offset(1e-3));
            }
        }
    }

    @Test
    void itsCacheChangesNothing() throws Exception {
        int[] ids = model.tokenizer().encode("turn the lights on in the kitchen");
        try (AdaptedSession session = AdaptedSession.open(
                        model.files(),
                        Purpose.GENERATE,
                        AdapterTargets.of(model.config()),
                        SessionSettings.threads(1));
                AdapterStack none = AdapterStack.none();
                Cancellation never = Cancellation.open()) {
            assertThat(session.ports().caches()).isNotEmpty();
            float[] atOnce;
            try (Decoder decoder = new Decoder(session, none, never)) {
                atOnce = decoder.read(ids);
            }
            float[] last = new float[0];
            try (Decoder decoder = new Decoder(session, none, never)) {
                for (int id : ids) {
                    last = decoder.read(id);
                }
            }
            assertThat(Foreign.distance(last, atOnce)).isLessThan(1e-4f);
        }
    }

    @Test
    void anExportedModelIsABaseModelThatAnswersAsTheAdapterDid() throws Exception {
        List<String> labels = model.config().labels();
        Kit kit = model.kit(new KitSpec(Task.TEXT_CLASSIFICATION, LORA, labels, 4, 16), folder.resolve("kit"));
        List<Adapter> adapters = List.of(Adapter.of(kit, trained(kit)));
        ModelExport.merged(model, adapters, "merged", folder.resolve("merged"));
        try (BaseModel merged = BaseModel.open(folder.resolve("merged"));
                Classifier plain = Classifier.open(merged, labels, AdapterTargets.none(), 1);
                Classifier adapted = Classifier.open(model, labels, AdapterTargets.of(adapters), 1);
                AdapterStack none = AdapterStack.none();
                AdapterStack stack = AdapterStack.of(adapters)) {
            assertThat(merged.config().name()).isEqualTo("merged");
            List<Labels> expected = adapted.classify(TEXTS, stack);
            List<Labels> found = plain.classify(TEXTS, none);
            for (int i = 0; i < TEXTS.size(); i++) {
                String likeliest = expected.get(i).likeliest();
                assertThat(found.get(i).probability(likeliest))
                        .isCloseTo(expected.get(i).probability(likeliest), offset(1e-5));
            }
        }
    }

    @Test
    void nothingIsExportedIntoAFolderThatHoldsSomething() throws Exception {
        Files.writeString(folder.resolve("mine"), "precious");
        assertThatThrownBy(() -> ModelExport.merged(model, List.of(), "merged", folder))
                .isInstanceOf(ModelRefusedException.class)
                .hasMessageContaining("not empty");
        assertThat(folder.resolve(BaseModel.ONNX)).doesNotExist();
    }

    @Test
    void aLongTextIsScoredInRows() throws Exception {
        String longText = "turn the lights on and off again ".repeat(20);
        try (Scorer scorer = Scorer.open(model, AdapterTargets.none(), 1);
                AdapterStack none = AdapterStack.none()) {
            assertThat(scorer.score(List.of(longText), none).get(0).tokens())
                    .isEqualTo(model.tokenizer().encode(longText).length + 1L);
        }
    }

    private void labelsAreThoseOfTheKit(List<String> labels) throws Exception {
        Kit kit = model.kit(new KitSpec(Task.TEXT_CLASSIFICATION, LORA, labels, 4, 16), folder.resolve("kit"));
        AdapterWeights trained = trained(kit);
        List<Adapter> adapters = List.of(Adapter.of(kit, trained));
        try (TrainingEngine engine = Engines.open(kit, EngineKind.ORT_TRAINING);
                Classifier classifier = Classifier.open(model, labels, AdapterTargets.of(adapters), 1);
                AdapterStack stack = AdapterStack.of(adapters)) {
            engine.load(trained);
            List<Score> expected = new ArrayList<>();
            for (String text : TEXTS) {
                expected.addAll(engine.score(batches(kit).single(text)).rows());
            }
            List<Labels> found = classifier.classify(TEXTS, stack);
            for (int i = 0; i < TEXTS.size(); i++) {
                String likeliest = found.get(i).likeliest();
                assertThat(likeliest).isEqualTo(labels.get(expected.get(i).predicted()));
                assertThat(found.get(i).probability(likeliest))
                        .isCloseTo(expected.get(i).probability(), offset(1e-4));
            }
        }
    }

    private static Batches batches(Kit kit) {
        return new Batches(
                model.tokenizer(),
                kit.spec(),
                model.config().padId(),
                model.config().bosId(),
                model.config().eosId());
    }

    /** As if it had been trained: every parameter has moved. */
    private static AdapterWeights trained(Kit kit) {
        return kit.initial().plus(TinyDecoder.uniform(3, 0.05, kit.layout().count()));
    }
}
