package dev.coppice.adapters.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coppice.adapters.kit.KitRefusedException;
import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.kit.Task;
import dev.coppice.adapters.lora.Factors;
import dev.coppice.adapters.lora.LoraSpec;
import dev.coppice.adapters.model.BaseModel;
import dev.coppice.adapters.model.ModelFiles;
import dev.coppice.adapters.model.ModelFolder;
import dev.coppice.adapters.model.ModelRefusedException;
import dev.coppice.adapters.model.decoder.DecoderBuilder;
import dev.coppice.adapters.model.decoder.DecoderShape;
import dev.coppice.adapters.model.decoder.DecoderWeights;
import dev.coppice.adapters.model.decoder.Sizes;
import dev.coppice.adapters.model.decoder.WeightSource;
import dev.coppice.adapters.runtime.SessionSettings;
import dev.coppice.adapters.text.BpeTrainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.SplittableRandom;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Between the opening of a base model and that of a session its files may change; native code must not see that. */
class VerifiedModelTest {
    private static final DecoderShape SHAPE = DecoderShape.plain(new Sizes(260, 8, 1, 16, 32), 2, 0);
    private static final KitSpec SPEC =
            new KitSpec(Task.CAUSAL_LM, new LoraSpec(2, 4, List.of("q_proj"), Factors.B, 7), List.of(), 1, 8);
    private static final String DATA = BaseModel.ONNX + ".data";

    @TempDir
    Path folder;

    private BaseModel model;

    @BeforeEach
    @SuppressWarnings("MustBeClosed") // closed after each test
    void write() throws Exception {
        SplittableRandom random = new SplittableRandom(1);
        WeightSource.Filler<IOException> filler =
                (tensor, values) -> DecoderWeights.fill(SHAPE, tensor, random, values);
        DecoderBuilder.build(SHAPE, WeightSource.beside(SHAPE, folder.resolve(DATA), filler))
                .write(folder.resolve(BaseModel.ONNX));
        Files.write(folder.resolve(BaseModel.TOKENIZER), BpeTrainer.train(List.of("abab abab"), 259));
        ModelFolder.describe(
                folder,
                new ModelFolder.Description(
                        "tiny", 260, 8, 32, ModelFolder.Special.one(0), List.of("q_proj"), List.of()),
                List.of(DATA));
        model = BaseModel.open(folder);
    }

    @AfterEach
    void close() {
        model.close();
    }

    @Test
    void aModelThatStaysAsItIsIsOpenedAgainAndAgain() throws Exception {
        for (int i = 0; i < 2; i++) {
            try (Scorer scorer = Scorer.open(model, AdapterTargets.none(), 1)) {
                assertThat(scorer).isNotNull();
            }
        }
    }

    /** Bytes, not stamps: whoever writes a file can also put its times back. */
    @Test
    void aGraphThatIsAnotherIsRefusedThoughItsTimesAreTheSame() throws Exception {
        Path onnx = folder.resolve(BaseModel.ONNX);
        var time = Files.getLastModifiedTime(onnx);
        byte[] changed = Files.readAllBytes(onnx);
        changed[changed.length / 2] ^= 1;
        Files.write(onnx, changed);
        Files.setLastModifiedTime(onnx, time);
        assertRefused(open());
    }

    @Test
    void weightsThatAreWrittenToReplacedOrGoneAreRefused() throws Exception {
        Path data = folder.resolve(DATA);
        byte[] whole = Files.readAllBytes(data);
        Path copy = Files.copy(data, folder.resolve("copy"), StandardCopyOption.COPY_ATTRIBUTES);
        Files.move(copy, data, StandardCopyOption.ATOMIC_MOVE);
        assertRefused(open());
        assertThatThrownBy(() -> model.kit(SPEC, folder.resolve("kit"))).isInstanceOf(KitRefusedException.class);
        whole[whole.length / 2] ^= 1;
        Files.write(data, whole);
        assertRefused(open());
        Files.delete(data);
        assertThatThrownBy(open()).isInstanceOf(ModelRefusedException.class);
    }

    @Test
    void aModelOfAnotherOriginHasItsWeightsInItsFolder() throws Exception {
        ModelFiles foreign = ModelFiles.trusted(folder.resolve(BaseModel.ONNX));
        foreign.requireUnchanged();
        Files.write(folder.resolve(DATA), new byte[100]);
        assertRefused(foreign::requireUnchanged);
        assertThatThrownBy(() ->
                        AdaptedSession.open(foreign, Purpose.SCORE, AdapterTargets.none(), SessionSettings.threads(1)))
                .isInstanceOf(ModelRefusedException.class);
    }

    @SuppressWarnings("MustBeClosedChecker") // refused
    private ThrowingCallable open() {
        return () -> Scorer.open(model, AdapterTargets.none(), 1);
    }

    private static void assertRefused(ThrowingCallable opening) {
        assertThatThrownBy(opening).isInstanceOf(ModelRefusedException.class).hasMessageContaining("changed");
    }
}
