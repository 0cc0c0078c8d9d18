package dev.coppice.adapters.inference;

import ai.onnx.proto.OnnxMl.ModelProto;
import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.adapters.format.PeftAdapter;
import dev.coppice.adapters.kit.Npz;
import dev.coppice.adapters.lora.ModulePaths;
import dev.coppice.adapters.onnx.ModelEditor;
import dev.coppice.adapters.onnx.ModelReader;
import dev.coppice.adapters.runtime.InferenceSession;
import dev.coppice.adapters.runtime.NativeTensor;
import dev.coppice.adapters.runtime.SessionSettings;
import dev.coppice.adapters.text.TextTokenizer;
import dev.coppice.testkit.TestData;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/** Models and adapters that other tools made. */
final class Foreign {
    private Foreign() {}

    /** An export of stories260K without a cache. */
    static Path stories(String file) {
        return TestData.find("models/onnx-torch-exports/stories260k-llama/" + file);
    }

    /** GPT-2 with a cache, whose names and forms are those of ONNX Runtime's own tools. */
    static Path gpt2() {
        return TestData.find("models/onnx-genai/gpt2-fp32/past.onnx");
    }

    /** A tokenizer of 1,000 tokens; the tests with ids alone need one whose vocabulary is large enough. */
    @MustBeClosed
    static TextTokenizer tokenizer() throws Exception {
        return TextTokenizer.open(TestData.find("models/tokenizers/gpt2-1k.tokenizer.json"));
    }

    static Language language(TextTokenizer tokenizer, int lengthMax) {
        return new Language(tokenizer, new SpecialIds(0, OptionalInt.empty(), List.of()), lengthMax);
    }

    /** The adapter of rank 4 and alpha 8 on q_proj and v_proj that PEFT trained on stories260K. */
    static Adapter qv() throws Exception {
        return Adapter.of(PeftAdapter.read(TestData.find("models/peft-adapters/llama-qv-r4")));
    }

    /** A model whose outputs are left as they are, with places for adapters. */
    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // closed with what is returned
    static AdaptedSession whole(Path onnx, AdapterTargets targets) throws Exception {
        ModelProto model = ModelReader.read(onnx);
        ModelEditor editor = new ModelEditor(model);
        AdapterPlaces places = AdapterPlaces.in(editor, ModulePaths.of(model), Purpose.SCORE, targets);
        byte[] bytes = editor.build().toByteArray();
        InferenceSession session = InferenceSession.open(bytes, onnx, SessionSettings.threads(1));
        return new AdaptedSession(Ports.of(model.getGraph()), places, List.of("logits"), session);
    }

    /** Texts in numpy's arrays: ids, and which of them are no padding. */
    static List<int[]> rows(Npz.Entry ids, Npz.Entry mask) {
        int length = (int) ids.shape[1];
        List<int[]> rows = new ArrayList<>();
        for (int row = 0; row < ids.shape[0]; row++) {
            int from = row * length;
            int real = (int) Arrays.stream(mask.wholes(), from, from + length).sum();
            rows.add(Arrays.stream(ids.wholes(), from, from + real)
                    .mapToInt(Math::toIntExact)
                    .toArray());
        }
        return rows;
    }

    /** Logits of all positions, row by row. */
    static float[] logits(AdaptedSession session, AdapterStack stack, List<int[]> rows) throws Exception {
        try (NativeTensor logits =
                session.read(rows, 0, session.places().filled(stack)).get(0)) {
            return logits.toFloats();
        }
    }

    /** The largest difference of two logits at a place that is no padding. */
    static float distance(float[] one, float[] other, List<int[]> rows) {
        int length = rows.stream().mapToInt(row -> row.length).max().orElse(0);
        int vocabulary = one.length / length / rows.size();
        float largest = 0;
        for (int row = 0; row < rows.size(); row++) {
            int from = row * length * vocabulary;
            int to = from + rows.get(row).length * vocabulary;
            largest =
                    Math.max(largest, distance(Arrays.copyOfRange(one, from, to), Arrays.copyOfRange(other, from, to)));
        }
        return largest;
    }

    static float distance(float[] one, float[] other) {
        if (one.length != other.length) {
            return Float.POSITIVE_INFINITY;
        }
        float largest = 0;
        for (int i = 0; i < one.length; i++) {
            float difference = Math.abs(one[i] - other[i]);
            largest = Float.isNaN(difference) ? Float.POSITIVE_INFINITY : Math.max(largest, difference);
        }
        return largest;
    }
}
