package dev.coppice.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.kit.Kit;
import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.kit.Task;
import dev.coppice.adapters.lora.Factors;
import dev.coppice.adapters.lora.LoraSpec;
import dev.coppice.adapters.model.BaseModel;
import dev.coppice.adapters.runtime.Batch;
import dev.coppice.adapters.runtime.EngineKind;
import dev.coppice.adapters.runtime.Engines;
import dev.coppice.adapters.runtime.TrainingEngine;
import dev.coppice.adapters.text.Batches;
import dev.coppice.adapters.text.Example;
import dev.coppice.agent.escalation.Calibration;
import dev.coppice.agent.escalation.Temperature;
import dev.coppice.agent.training.KitCache;
import dev.coppice.agent.training.Predictor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.function.IntPredicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What asking a larger model brings on CLINC150: a device's model is trained on its training texts, calibrated on the
 * validation texts, and judged on the test texts and those that are out of scope. The larger model is taken to be always
 * right, so that accuracies are the most that asking can bring.
 */
@Command(
        name = "measure-escalation",
        mixinStandardHelpOptions = true,
        description = "Trains, calibrates and judges; prints one line of JSON.")
public final class MeasureEscalation implements Callable<Integer> {
    private static final int BATCH = 32;
    private static final int LENGTH = 24;
    private static final int BINS = 15;
    private static final double CONFIDENCE_MIN = 0.7;
    private static final double SCOPE_QUANTILE = 0.05;
    private static final ObjectMapper JSON = new ObjectMapper();

    @Option(names = "--model", defaultValue = "models/pico", description = "default: ${DEFAULT-VALUE}")
    private Path model = Path.of("");

    @Option(names = "--data", required = true, description = "the folder of CLINC150")
    private Path data = Path.of(".");

    @Option(names = "--folder", required = true, description = "for the training kit; made if absent")
    private Path folder = Path.of(".");

    @Option(names = "--steps", defaultValue = "6000", description = "of training; default: ${DEFAULT-VALUE}")
    private int steps = 6_000;

    @Option(names = "--seed", defaultValue = "1", description = "default: ${DEFAULT-VALUE}")
    private long seed = 1;

    /** Texts with what the model makes of them. */
    private record Judged(List<Example> examples, List<float[]> logits, List<String> labels) {
        int size() {
            return logits.size();
        }

        boolean isRight(int i) {
            float[] row = logits.get(i);
            int best = 0;
            for (int c = 1; c < row.length; c++) {
                best = row[c] > row[best] ? c : best;
            }
            return labels.get(best).equals(examples.get(i).label());
        }

        double[] scores(ToDoubleFunction<float[]> score) {
            return logits.stream().mapToDouble(score).toArray();
        }
    }

    @Override
    public Integer call() throws Exception {
        List<Example> train = read("train");
        List<String> labels =
                train.stream().map(Example::label).distinct().sorted().toList();
        LoraSpec lora = new LoraSpec(8, 16, List.of("q_proj", "v_proj"), Factors.BOTH, seed);
        KitSpec spec = new KitSpec(Task.TEXT_CLASSIFICATION, lora, labels, BATCH, LENGTH);
        Map<String, Object> answer = new LinkedHashMap<>();
        try (BaseModel base = BaseModel.open(model)) {
            Kit kit = new KitCache(folder).kit(base, spec);
            AdapterWeights weights = trained(base, kit, train);
            try (Predictor predictor = new Predictor(base, kit, List.of(), InstantSource.system())) {
                Judged held = judged(predictor, weights, labels, read("val"));
                Judged known = judged(predictor, weights, labels, read("test"));
                Judged strange = judged(predictor, weights, labels, read("oos_test"));
                report(answer, held, known, strange);
            }
        }
        System.out.println(JSON.writeValueAsString(answer));
        return 0;
    }

    private void report(Map<String, Object> answer, Judged held, Judged known, Judged strange) {
        List<Integer> right = held.examples().stream()
                .map(example -> held.labels().indexOf(example.label()))
                .toList();
        Calibration calibration = Calibration.fit(held.logits(), right, SCOPE_QUANTILE);
        Temperature fitted = calibration.temperature();
        answer.put("what", "escalation");
        answer.put("accuracy", share(known, known::isRight));
        answer.put("temperature", fitted.value());
        answer.put("calibrationErrorBefore", calibrationError(known, Temperature.NONE::confidence));
        answer.put("calibrationErrorAfter", calibrationError(known, fitted::confidence));
        answer.put("aurocConfidence", auroc(known, strange, Temperature.NONE::confidence));
        answer.put("aurocConfidenceCalibrated", auroc(known, strange, fitted::confidence));
        answer.put("aurocEnergy", auroc(known, strange, Temperature.NONE::negativeEnergy));
        answer.put("aurocEnergyCalibrated", auroc(known, strange, fitted::negativeEnergy));
        answer.put("byConfidence", curve(known, strange, fitted::confidence));
        answer.put("byEnergy", curve(known, strange, Temperature.NONE::negativeEnergy));
        ToDoubleFunction<float[]> stays =
                row -> calibration.isInScope(row) && calibration.confidence(row) >= CONFIDENCE_MIN ? 1 : 0;
        double[] knownStays = known.scores(stays);
        answer.put(
                "defaultsAskOfInScope", 1 - Arrays.stream(knownStays).average().orElseThrow());
        answer.put(
                "defaultsAskOfOutOfScope",
                1 - Arrays.stream(strange.scores(stays)).average().orElseThrow());
        answer.put("defaultsAccuracyInScope", share(known, i -> knownStays[i] == 0 || known.isRight(i)));
    }

    private AdapterWeights trained(BaseModel base, Kit kit, List<Example> train) throws Exception {
        Batches batches = new Batches(
                base.tokenizer(),
                kit.spec(),
                base.config().padId(),
                base.config().bosId(),
                base.config().eosId());
        Random random = new Random(seed);
        List<Example> order = new ArrayList<>(train);
        List<Batch> rest = new ArrayList<>();
        try (TrainingEngine engine = Engines.open(kit, EngineKind.ORT_TRAINING)) {
            engine.load(kit.initial());
            for (int step = 0; step < steps; step++) {
                if (rest.isEmpty()) {
                    Collections.shuffle(order, random);
                    rest.addAll(batches.of(order));
                }
                double left = 1 - (double) step / steps;
                engine.step(rest.remove(rest.size() - 1), (float) (1e-2 * left + 1e-5));
            }
            return engine.weights();
        }
    }

    private static Judged judged(
            Predictor predictor, AdapterWeights weights, List<String> labels, List<Example> examples) throws Exception {
        List<float[]> logits = new ArrayList<>();
        for (Example example : examples) {
            logits.addAll(predictor.logits(weights, List.of(example.text())));
        }
        return new Judged(examples, logits, labels);
    }

    /** Share of texts answered rightly if so many of all are asked, the least sure first; all that are asked come out right. */
    private static Map<String, double[]> curve(Judged known, Judged strange, ToDoubleFunction<float[]> score) {
        double[] scores = IntStream.concat(IntStream.range(0, known.size()), IntStream.range(0, strange.size()))
                .mapToDouble(i -> 0)
                .toArray();
        System.arraycopy(known.scores(score), 0, scores, 0, known.size());
        System.arraycopy(strange.scores(score), 0, scores, known.size(), strange.size());
        List<Integer> order =
                new ArrayList<>(IntStream.range(0, scores.length).boxed().toList());
        order.sort(Comparator.comparingDouble(i -> scores[i]));
        Map<String, double[]> points = new LinkedHashMap<>();
        for (int percent : new int[] {0, 5, 10, 20, 30, 40, 50}) {
            int asked = scores.length * percent / 100;
            List<Integer> kept = order.subList(asked, order.size());
            long wrongKnown = kept.stream()
                    .filter(i -> i < known.size() && !known.isRight(i))
                    .count();
            long wrongStrange = kept.stream().filter(i -> i >= known.size()).count();
            points.put(percent + "%", new double[] {
                1 - (double) (wrongKnown + wrongStrange) / scores.length,
                1 - (double) wrongKnown / known.size(),
                1 - (double) wrongStrange / strange.size()
            });
        }
        return points;
    }

    /** Probability that a text in scope scores higher than one that is not; half for ties. */
    private static double auroc(Judged known, Judged strange, ToDoubleFunction<float[]> score) {
        double[] in = known.scores(score);
        double[] out = strange.scores(score);
        double wins = 0;
        for (double one : in) {
            for (double other : out) {
                wins += one > other ? 1 : one == other ? 0.5 : 0;
            }
        }
        return wins / ((double) in.length * out.length);
    }

    /** Expected calibration error (Guo et al. 2017, equation 3) with 15 bins. */
    private static double calibrationError(Judged judged, ToDoubleFunction<float[]> confidence) {
        double[] scores = judged.scores(confidence);
        double[] sure = new double[BINS];
        double[] right = new double[BINS];
        for (int i = 0; i < scores.length; i++) {
            int bin = Math.min(BINS - 1, (int) (scores[i] * BINS));
            sure[bin] += scores[i];
            right[bin] += judged.isRight(i) ? 1 : 0;
        }
        double error = 0;
        for (int bin = 0; bin < BINS; bin++) {
            error += Math.abs(sure[bin] - right[bin]);
        }
        return error / scores.length;
    }

    private static double share(Judged judged, IntPredicate holds) {
        return (double) IntStream.range(0, judged.size()).filter(holds).count() / judged.size();
    }

    private List<Example> read(String name) throws IOException {
        List<Example> examples = new ArrayList<>();
        for (String line : Files.readAllLines(data.resolve(name + ".jsonl"))) {
            JsonNode node = JSON.readTree(line);
            examples.add(new Example(
                    node.required("text").asText(), node.required("label").asText()));
        }
        return examples;
    }

    /** Runs the measurement. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new MeasureEscalation()).execute(arguments));
    }
}
