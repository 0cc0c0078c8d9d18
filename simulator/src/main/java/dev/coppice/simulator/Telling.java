package dev.coppice.simulator;

import dev.coppice.adapters.kit.Task;
import dev.coppice.agent.Installation;
import dev.coppice.agent.Personalization;
import dev.coppice.simulator.population.Person;
import dev.coppice.simulator.report.HeldOut;
import dev.coppice.simulator.report.PrivacyMode;
import dev.coppice.simulator.report.RunReport;
import dev.coppice.simulator.report.Summary;
import java.util.List;
import java.util.Locale;

/** Puts what was measured into the words and figures of the report. */
final class Telling {
    private final DemoSettings settings;
    private final Material material;

    Telling(DemoSettings settings, Material material) {
        this.settings = settings;
        this.material = material;
    }

    RunReport report(Training training, Outcome outcome, Summary.Pack pack, Stopwatch watch) {
        Summary summary = summary(training, outcome, pack, watch);
        return new RunReport(
                summary.devices() + " devices, " + training.rounds().size() + " rounds of " + summary.task(),
                summary,
                training.curve(),
                Judging.gains(outcome.base(), outcome.pack()),
                Judging.gains(outcome.base(), outcome.personal()),
                training.rounds(),
                watch.timings(),
                rerun());
    }

    private Summary summary(Training training, Outcome outcome, Summary.Pack pack, Stopwatch watch) {
        HeldOut heldOut = outcome.heldOut();
        List<Person> people = material.population().people();
        boolean noisy = settings.epsilon().isPresent();
        return new Summary(
                mode(),
                people.size(),
                training.completed(),
                training.aborted(),
                training.dropouts(),
                heldOut,
                noisy ? outcome.epsilonSpent() : null,
                DemoSettings.DELTA,
                outcome.traffic().bytesUp(),
                outcome.traffic().bytesDown(),
                training.steps() / training.seconds(),
                training.participations() / training.seconds(),
                watch.secondsSoFar(),
                pack,
                settings.seed().isPresent() ? settings.seed().getAsLong() : null,
                heldOut.improved(measure()),
                heldOut.statement(measure()),
                material.population().task().name().toLowerCase(Locale.ROOT).replace('_', '-'),
                settings.data().map(Object::toString).orElse("made-up people who speak to an assistant"),
                settings.dropout(),
                noisy ? settings.epsilon().getAsDouble() : null,
                material.noise().noiseMultiplier(),
                installs(outcome.installations()),
                personals(outcome.personals()),
                new Summary.Texts(Texts.count(people), Texts.heldOut(people).size()));
    }

    private HeldOut.Measure measure() {
        return material.population().task() == Task.CAUSAL_LM ? HeldOut.Measure.LOSS : HeldOut.Measure.ACCURACY;
    }

    private PrivacyMode mode() {
        if (settings.epsilon().isEmpty()) {
            return PrivacyMode.OFF;
        }
        return settings.seed().isPresent() ? PrivacyMode.SIMULATED : PrivacyMode.REAL;
    }

    private static Summary.Installs installs(List<Installation> installations) {
        int installed = 0;
        int rolledBack = 0;
        int refused = 0;
        for (Installation installation : installations) {
            switch (installation) {
                case Installation.Installed ignored -> installed++;
                case Installation.RolledBack ignored -> rolledBack++;
                case Installation.Refused ignored -> refused++;
                case Installation.Unreachable ignored -> refused++;
                case Installation.UpToDate ignored -> refused++;
                case Installation.NotNow ignored -> refused++;
                case Installation.Revoked ignored -> refused++;
                case Installation.Returned ignored -> refused++;
            }
        }
        return new Summary.Installs(installed, rolledBack, refused);
    }

    private static Summary.Personals personals(List<Personalization> personals) {
        int improved = (int) personals.stream()
                .filter(Personalization.Improved.class::isInstance)
                .count();
        return new Summary.Personals(improved, personals.size() - improved);
    }

    private String rerun() {
        StringBuilder command = new StringBuilder("./coppice demo --devices " + settings.devices() + " --rounds "
                + settings.rounds() + " --dropout " + settings.dropout() + " --epsilon "
                + (settings.epsilon().isPresent() ? settings.epsilon().getAsDouble() : "off"));
        if (!settings.mergeRule().equals(DemoSettings.MERGE_RULE)) {
            command.append(" --merge-rule ").append(settings.mergeRule());
        }
        settings.data().ifPresent(data -> command.append(" --data ").append(data));
        settings.task()
                .ifPresent(task -> command.append(" --task ")
                        .append(task.name().toLowerCase(Locale.ROOT).replace('_', '-')));
        settings.seed().ifPresent(seed -> command.append(" --seed ").append(seed));
        return command.toString();
    }
}
