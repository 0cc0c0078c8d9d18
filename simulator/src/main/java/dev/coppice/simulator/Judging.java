package dev.coppice.simulator;

import dev.coppice.adapters.kit.Task;
import dev.coppice.adapters.text.Example;
import dev.coppice.agent.Evaluation;
import dev.coppice.agent.Source;
import dev.coppice.simulator.population.Person;
import dev.coppice.simulator.report.HeldOut;
import dev.coppice.simulator.world.Fleet;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The last examination: every device's own agent on the texts that it never held. */
final class Judging {
    private Judging() {}

    /** The same weights' figures on each device, in the devices' order. */
    static List<Evaluation> each(Fleet fleet, Source source, Progress progress)
            throws IOException, InterruptedException {
        return fleet.each(device -> device.judge(source), new Counter("judged", fleet.size(), progress));
    }

    /** All devices together, every labelled position counting once. */
    static HeldOut.Score pooled(List<Evaluation> evaluations) {
        double correct = 0;
        double loss = 0;
        long positions = 0;
        for (Evaluation one : evaluations) {
            if (one.positions() > 0) {
                correct += one.accuracy() * one.positions();
                loss += one.loss() * one.positions();
                positions += one.positions();
            }
        }
        return new HeldOut.Score(correct / positions, loss / positions);
    }

    /** Accuracy after minus before for each device that has held-out texts. */
    static List<Double> gains(List<Evaluation> before, List<Evaluation> after) {
        List<Double> gains = new ArrayList<>();
        for (int i = 0; i < before.size(); i++) {
            if (before.get(i).positions() > 0) {
                gains.add(after.get(i).accuracy() - before.get(i).accuracy());
            }
        }
        return List.copyOf(gains);
    }

    /** How far one comes without looking at any text. */
    static HeldOut.Score majority(Material material) {
        List<Person> people = material.population().people();
        List<Example> train =
                people.stream().flatMap(person -> person.train().stream()).toList();
        List<Example> test = Texts.heldOut(people);
        if (material.population().task() != Task.CAUSAL_LM) {
            return new Majority<>(train.stream().map(Example::label).toList())
                    .judge(
                            test.stream().map(Example::label).toList(),
                            material.population().labels().size());
        }
        var tokenizer = material.model().tokenizer();
        int eos = material.model().config().eosId();
        return new Majority<>(Texts.tokens(train, tokenizer, eos))
                .judge(
                        Texts.tokens(test, tokenizer, eos),
                        material.model().config().vocabularySize());
    }
}
