package dev.coppice.agent;

import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.kit.Task;
import dev.coppice.adapters.lora.Factors;
import dev.coppice.adapters.lora.LoraSpec;
import dev.coppice.adapters.model.BaseModel;
import dev.coppice.adapters.model.ModelConfig;
import dev.coppice.adapters.onnx.Attributes;
import dev.coppice.adapters.onnx.Dim;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.ModelBuilder;
import dev.coppice.crypto.Sha256;
import dev.coppice.testkit.SeededBytes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/** A base model of a few hundred weights that knows some words, and has a head that knows nothing yet. */
final class TestModel {
    static final List<String> LABELS = List.of("off", "on");
    static final List<String> WORDS =
            List.of("please", "the", "light", "lamp", "dark", "bright", "enough", "now", "it", "is", "too", "here");

    private static final int WIDTH = 8;
    private static final int VOCABULARY = WORDS.size() + 2;
    private static final int LENGTH_MAX = 8;

    private TestModel() {}

    @MustBeClosed
    static BaseModel open(Path folder, long seed) throws Exception {
        Files.createDirectories(folder);
        graph(seed).write(folder.resolve(BaseModel.ONNX));
        Files.writeString(folder.resolve(BaseModel.TOKENIZER), tokenizer());
        ModelConfig config = new ModelConfig(
                "test-" + seed,
                List.of(ModelConfig.CAUSAL_LM, ModelConfig.TEXT_CLASSIFICATION),
                VOCABULARY,
                WIDTH,
                LENGTH_MAX,
                0,
                0,
                List.of(0),
                List.of("q_proj", "v_proj"),
                LABELS,
                Map.of(
                        BaseModel.ONNX, hash(folder.resolve(BaseModel.ONNX)),
                        BaseModel.TOKENIZER, hash(folder.resolve(BaseModel.TOKENIZER))));
        Files.write(folder.resolve(BaseModel.CONFIG), config.toJson());
        return BaseModel.open(folder);
    }

    static KitSpec classification() {
        return new KitSpec(Task.TEXT_CLASSIFICATION, lora(), LABELS, 4, LENGTH_MAX);
    }

    static KitSpec language() {
        return new KitSpec(Task.CAUSAL_LM, lora(), List.of(), 4, LENGTH_MAX);
    }

    private static LoraSpec lora() {
        return new LoraSpec(2, 4, List.of("q_proj", "v_proj"), Factors.B, 7);
    }

    private static ModelBuilder graph(long seed) {
        ModelBuilder b = new ModelBuilder("test");
        String ids = b.input("input_ids", ElementType.INT64, Dim.free("batch"), Dim.free("length"));
        String mask = b.input("attention_mask", ElementType.INT64, Dim.free("batch"), Dim.free("length"));
        String embedding = weight(b, "model.embed_tokens.weight", seed, VOCABULARY, WIDTH);
        String x = b.node("Gather", embedding, ids);
        String gate = b.node("MatMul", x, weight(b, "model.layers.0.self_attn.q_proj.weight", seed + 1, WIDTH, WIDTH));
        String value = b.node("MatMul", x, weight(b, "model.layers.0.self_attn.v_proj.weight", seed + 2, WIDTH, WIDTH));
        x = b.node("Add", x, b.node("Mul", b.node("Sigmoid", gate), value));
        String turned = b.node("Transpose", Attributes.none().integers("perm", 1, 0), embedding);
        b.output(
                b.node("MatMul", x, turned),
                "logits",
                ElementType.FLOAT,
                Dim.free("batch"),
                Dim.free("length"),
                Dim.fixed(VOCABULARY));
        String real = b.node("Cast", Attributes.none().integer("to", ElementType.FLOAT.code()), mask);
        String counted = b.node("Unsqueeze", real, b.integers(2));
        Attributes drop = Attributes.none().integer("keepdims", 0);
        String sum = b.node("ReduceSum", drop, b.node("Mul", x, counted), b.integers(1));
        String pooled = b.node("Div", sum, b.node("ReduceSum", drop, counted, b.integers(1)));
        b.output(pooled, "pooled", ElementType.FLOAT, Dim.free("batch"), Dim.fixed(WIDTH));
        String head = weight(b, "score.weight", seed + 3, LABELS.size(), WIDTH);
        b.output(
                b.node("Gemm", Attributes.none().integer("transB", 1), pooled, head),
                "label_logits",
                ElementType.FLOAT,
                Dim.free("batch"),
                Dim.fixed(LABELS.size()));
        return b;
    }

    private static String weight(ModelBuilder b, String name, long seed, int rows, int columns) {
        byte[] bytes = new byte[rows * columns];
        new SeededBytes(seed).fill(bytes);
        float[] values = new float[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            values[i] = bytes[i] / 256f;
        }
        return b.weight(name, values, rows, columns);
    }

    private static String tokenizer() {
        StringJoiner vocabulary = new StringJoiner(",", "{\"<end>\":0,\"<unknown>\":1,", "}");
        for (int i = 0; i < WORDS.size(); i++) {
            vocabulary.add("\"" + WORDS.get(i) + "\":" + (i + 2));
        }
        return "{\"version\":\"1.0\",\"truncation\":null,\"padding\":null,\"added_tokens\":[],\"normalizer\":null,"
                + "\"pre_tokenizer\":{\"type\":\"Whitespace\"},\"post_processor\":null,\"decoder\":null,"
                + "\"model\":{\"type\":\"WordLevel\",\"vocab\":" + vocabulary + ",\"unk_token\":\"<unknown>\"}}";
    }

    private static String hash(Path file) throws Exception {
        return Sha256.hex(Files.readAllBytes(file));
    }
}
