package dev.coppice.simulator.pretraining;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.kit.Kit;
import dev.coppice.adapters.kit.KitRefusedException;
import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.kit.Task;
import dev.coppice.adapters.lora.LoraSpec;
import dev.coppice.adapters.model.BaseModel;
import dev.coppice.adapters.model.ModelFolder;
import dev.coppice.adapters.model.ModelRefusedException;
import dev.coppice.adapters.model.decoder.DecoderBuilder;
import dev.coppice.adapters.model.decoder.DecoderShape;
import dev.coppice.adapters.model.decoder.DecoderWeights;
import dev.coppice.adapters.model.decoder.Sizes;
import dev.coppice.adapters.model.decoder.WeightSource;
import dev.coppice.adapters.runtime.Batch;
import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.adapters.runtime.EngineKind;
import dev.coppice.adapters.runtime.Engines;
import dev.coppice.adapters.runtime.TrainingEngine;
import dev.coppice.adapters.text.Batches;
import dev.coppice.adapters.text.BpeTrainer;
import dev.coppice.adapters.text.Example;
import dev.coppice.simulator.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;

/** Makes one base model: tokenizer, first weights, training of all weights, held-out loss, folder. */
public final class Pretraining {
    private static final List<String> LORA_TARGETS = List.of("q_proj", "v_proj");
    /** The engine insists on a head; texts without labels leave this one untouched, and it is not written. */
    private static final List<String> NO_LABELS = List.of("unused-a", "unused-b");

    private static final int REPORT_EVERY = 250;
    private static final int WARM_UP_STEPS = 50;
    private static final double LAST_RATE = 0.05;

    private final Corpus corpus;
    private final PretrainingSettings settings;
    private final Progress progress;
    private final List<String> trainedLabels;

    public Pretraining(Corpus corpus, PretrainingSettings settings, Progress progress) {
        this.corpus = corpus;
        this.settings = settings;
        this.progress = progress;
        this.trainedLabels = corpus.labels().isEmpty() ? NO_LABELS : corpus.labels();
    }

    /**
     * Trains and writes the model's three files.
     *
     * @param out the model's folder
     * @param work an empty folder for what is needed on the way
     * @return held-out figures of the finished model
     */
    public HeldOutFigures run(Path out, Path work)
            throws IOException, ModelRefusedException, KitRefusedException, EngineException {
        progress.phase("tokenizer");
        byte[] tokenizer =
                BpeTrainer.train(corpus.train().stream().map(Example::text).toList(), settings.vocabularySize());
        DecoderShape shape = shape(tokenizer);
        Path first = work.resolve("first");
        write(first, tokenizer, shape, DecoderWeights.initial(shape, settings.seed()), trainedLabels);
        try (BaseModel model = BaseModel.open(first)) {
            KitSpec spec =
                    new KitSpec(Task.PRETRAINING, LoraSpec.none(), trainedLabels, settings.batch(), settings.length());
            Kit kit = model.kit(spec, work.resolve("kit"));
            try (TrainingEngine engine = Engines.open(kit, EngineKind.ORT_TRAINING)) {
                Batches batches = new Batches(
                        model.tokenizer(),
                        spec,
                        model.config().padId(),
                        model.config().bosId(),
                        model.config().eosId());
                HeldOutFigures figures = train(engine, batches);
                finish(out, tokenizer, shape, engine.weights());
                return figures;
            }
        }
    }

    private DecoderShape shape(byte[] tokenizerJson) throws ModelRefusedException {
        Sizes sizes = new Sizes(
                ModelFolder.vocabularySize(tokenizerJson),
                settings.width(),
                settings.layers(),
                settings.feedForward(),
                settings.lengthMax());
        return DecoderShape.plain(sizes, settings.heads(), trainedLabels.size());
    }

    private HeldOutFigures train(TrainingEngine engine, Batches batches) throws EngineException {
        progress.phase("training");
        List<Batch> train = new ArrayList<>(batches.of(corpus.train()));
        List<Batch> heldOut = batches.of(corpus.heldOut());
        Random order = Random.from(new SplittableRandom(settings.seed()));
        for (int step = 0; step < settings.steps(); step++) {
            if (step % train.size() == 0) {
                Collections.shuffle(train, order);
            }
            engine.step(train.get(step % train.size()), learningRate(step));
            progress.advance("steps", step + 1, settings.steps(), "steps");
            progress.overall((step + 1.0) / settings.steps());
            if ((step + 1) % REPORT_EVERY == 0) {
                progress.note("step " + (step + 1) + ": " + HeldOutFigures.of(engine, heldOut));
            }
        }
        return HeldOutFigures.of(engine, heldOut);
    }

    private float learningRate(int step) {
        double warm = Math.min(1, (step + 1.0) / WARM_UP_STEPS);
        double cosine = (1 + Math.cos(Math.PI * step / settings.steps())) / 2;
        return (float) (settings.learningRate() * warm * (LAST_RATE + (1 - LAST_RATE) * cosine));
    }

    private void finish(Path out, byte[] tokenizer, DecoderShape shape, AdapterWeights weights) throws IOException {
        DecoderShape kept = corpus.labels().isEmpty() ? shape.withoutHead() : shape;
        write(out, tokenizer, kept, DecoderWeights.taken(weights, kept), corpus.labels());
    }

    private void write(Path folder, byte[] tokenizer, DecoderShape shape, AdapterWeights weights, List<String> labels)
            throws IOException {
        ModelFolder.Description description = new ModelFolder.Description(
                settings.name(),
                shape.sizes().vocabulary(),
                shape.sizes().width(),
                shape.sizes().lengthMax(),
                ModelFolder.Special.one(0),
                LORA_TARGETS,
                labels);
        ModelFolder.write(folder, DecoderBuilder.build(shape, WeightSource.of(shape, weights)), tokenizer, description);
    }
}
