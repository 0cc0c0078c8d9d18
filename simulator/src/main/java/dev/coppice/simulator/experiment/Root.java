package dev.coppice.simulator.experiment;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.merge.GroupMean;
import dev.coppice.adapters.merge.RobustMerge;
import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.adapters.text.Example;
import dev.coppice.agent.training.Classroom;
import dev.coppice.protocol.round.RoundTerms;
import dev.coppice.simulator.population.Population;
import dev.coppice.simulator.world.SeededRandomSource;
import java.util.List;
import java.util.Optional;

/** Texts that the server has and trusts, and trains on as a device would: the root data of FLTrust. */
final class Root {
    private final Classroom classroom;
    private final List<Example> texts;
    private final SeededRandomSource random;

    private Root(Classroom classroom, List<Example> texts, SeededRandomSource random) {
        this.classroom = classroom;
        this.texts = texts;
        this.random = random;
    }

    /** @throws ExperimentRefusedException if people have no texts that no device trains on */
    static Optional<Root> of(int people, Population population, Classroom classroom, SeededRandomSource random)
            throws ExperimentRefusedException {
        if (people == 0) {
            return Optional.empty();
        }
        List<Example> texts = classroom.usable(population.people().stream()
                .limit(people)
                .flatMap(person -> person.validation().stream())
                .toList());
        SweepPlan.require(!texts.isEmpty(), "trustedPeople: these people have no texts for validation");
        return Optional.of(new Root(classroom, texts, random.fork("root")));
    }

    /** The merge of one round: the server's own update, clipped as a device's is. */
    RobustMerge trust(RoundTerms terms, AdapterWeights candidate) throws EngineException, InterruptedException {
        Turnout turnout = Turnout.of(terms, candidate, Turnout.nothingKept());
        Classroom.Trained trained = classroom.train(
                candidate,
                turnout.held(),
                texts,
                terms.getTraining().getLocalSteps(),
                terms.getTraining().getLearningRate(),
                random.fork("lesson " + terms.getNumber()),
                () -> true);
        float[] update = turnout.update(0, candidate, trained.weights());
        double squares = 0;
        for (float value : update) {
            squares += (double) value * value;
        }
        double clip = Math.min(1, terms.getEncoding().getClipNorm() / Math.sqrt(Math.max(squares, Double.MIN_NORMAL)));
        for (int i = 0; i < update.length; i++) {
            update[i] *= (float) clip;
        }
        return new RobustMerge.Trust(new GroupMean(update, 1));
    }
}
