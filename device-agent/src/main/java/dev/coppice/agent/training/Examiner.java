package dev.coppice.agent.training;

import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.kit.Task;
import dev.coppice.adapters.runtime.Batch;
import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.adapters.runtime.Score;
import dev.coppice.adapters.runtime.Scores;
import dev.coppice.adapters.runtime.TrainingEngine;
import dev.coppice.adapters.text.Batches;
import dev.coppice.adapters.text.Example;
import java.util.ArrayList;
import java.util.List;

/** Questions with known answers, made once and put to any number of weights. Use on one thread. */
final class Examiner {
    /** How close the probability of the right answer must come to the likeliest one's to be that answer. */
    private static final double SAME = 1e-5;

    private final List<Batch> questions;
    private final List<Integer> labels = new ArrayList<>();

    /** @param examples all usable */
    Examiner(Batches batches, KitSpec spec, List<Example> examples) {
        this(spec, examples, batches.of(examples));
    }

    private Examiner(KitSpec spec, List<Example> examples, List<Batch> questions) {
        this.questions = questions;
        if (spec.task() != Task.CAUSAL_LM) {
            examples.forEach(example -> labels.add(spec.labels().indexOf(example.label())));
        }
    }

    /** As they are trained on: texts of a language model one after the other, so that each has the one before in sight. */
    static Examiner ofPass(Batches batches, KitSpec spec, List<Example> examples) {
        if (spec.task() != Task.CAUSAL_LM) {
            throw new IllegalArgumentException("only language models read texts one after the other");
        }
        return new Examiner(spec, examples, batches.pass(examples));
    }

    /** Judges the weights that are loaded. */
    Judgement judge(TrainingEngine engine) throws EngineException {
        int positions = 0;
        int correct = 0;
        double loss = 0;
        for (Batch question : questions) {
            Scores scores = engine.score(question);
            List<Score> answers = labels.isEmpty() ? scores.tokens() : scores.rows();
            for (Score answer : answers) {
                correct += isRight(answer, positions) ? 1 : 0;
                loss += answer.loss();
                positions++;
            }
        }
        return new Judgement(positions, (double) correct / positions, loss / positions);
    }

    /** A token's right answer is known by its loss alone: the likeliest one is right if it is as likely. */
    private boolean isRight(Score answer, int position) {
        return labels.isEmpty()
                ? Math.exp(-answer.loss()) >= answer.probability() * (1 - SAME)
                : answer.predicted() == labels.get(position);
    }
}
