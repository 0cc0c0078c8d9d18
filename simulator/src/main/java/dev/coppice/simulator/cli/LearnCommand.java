package dev.coppice.simulator.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.simulator.experiment.ExperimentRefusedException;
import dev.coppice.simulator.experiment.Lab;
import dev.coppice.simulator.experiment.Learning;
import dev.coppice.simulator.experiment.Learning.Extra;
import dev.coppice.simulator.experiment.Learning.Timing;
import dev.coppice.simulator.experiment.TaskFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code coppice simulate learn}: one task definition in, its learning curve out. */
@Command(
        name = "learn",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Runs one task definition on people's texts and writes how well its adapter does on texts they held back.",
            "Training, clipping, rounding, noise and merging are the real ones; there are no masks, which change no"
                    + " sum.",
            "What follows from the base model (hashes) may be left out of the definition."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  coppice simulate learn --task task.json --data speech.jsonl --model models/stories --out run1",
            "  coppice simulate learn --task task.json --data speech.jsonl --in-order --texts-min 10 \\",
            "      --seeds 1,2,3 --personal 6x5@0.003 --out run2",
            "  coppice simulate learn --task task.json --set /epsilon=4 --set /kitSpec/lora/rank=2 \\",
            "      --model models/pico --out run3",
            "  coppice simulate learn --task task.json --set /kitSpec/lora/rank=8 --set /kitSpec/lora/alpha=16 \\",
            "      --ranks 2,4,8 --model models/pico --out run4",
            "  coppice simulate learn --task task.json --classes stragglers.json --look-minutes 30 \\",
            "      --set '/buffer={\"sums\": 1, \"openRounds\": 5, \"stalenessMax\": 8}' --model models/pico --out run5"
        })
final class LearnCommand implements Callable<Integer> {
    @Option(names = "--task", paramLabel = "FILE", required = true, description = "a task definition (JSON)")
    private Path task = Path.of("");

    @Option(
            names = "--set",
            paramLabel = "POINTER=V",
            description = "another value for a member of the definition, for example /epsilon=8; can be repeated")
    private Map<String, String> set = new LinkedHashMap<>();

    @Mixin
    private LabOptions labOptions = new LabOptions();

    @Option(
            names = "--seeds",
            paramLabel = "S",
            split = ",",
            defaultValue = "1",
            description = "one run for each (default: ${DEFAULT-VALUE})")
    private List<Long> seeds = List.of();

    @Option(
            names = "--every",
            paramLabel = "N",
            defaultValue = "10",
            description = "rounds between two looks at the candidate (default: ${DEFAULT-VALUE})")
    private int every;

    @Option(
            names = "--ranks",
            paramLabel = "R",
            split = ",",
            description = {
                "ranks of devices' adapters, dealt evenly, at most the definition's, which is the server's:",
                "a device of a smaller rank trains the leading part of each factor and hands in zeros for the rest",
                "(default: all have the definition's)"
            })
    private List<Integer> ranks = List.of();

    @Mixin
    private TimingOptions timingOptions = new TimingOptions();

    @Option(
            names = "--personal",
            paramLabel = "PxS@R",
            description = "then train personal adapters: portions x steps @ learning rate, each checked by its device")
    private @Nullable String personal;

    @Option(
            names = "--personal-unchecked",
            paramLabel = "E@R",
            description = "the same by so many passes @ learning rate, kept whatever comes of it")
    private @Nullable String personalUnchecked;

    @Option(
            names = "--local",
            paramLabel = "E@R",
            description = "no federation: passes over each one's own texts @ rate")
    private @Nullable String local;

    @Option(names = "--central", paramLabel = "S@R", description = "all texts in one place: steps @ learning rate")
    private @Nullable String central;

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "takes figures and adapters")
    private Path out = Path.of("");

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (every < 1) {
            throw new ParameterException(spec.commandLine(), "--every is 1 or more");
        }
        List<Extra> extras = extras();
        Optional<Timing> timing = timingOptions.timing(spec);
        var told = spec.commandLine().getOut();
        try {
            ObjectNode definition = TaskFile.read(task, set);
            try (Lab lab = labOptions.open(spec, out)) {
                Learning learning = new Learning(lab, line -> {
                    told.println(line);
                    told.flush();
                });
                for (long seed : seeds) {
                    told.println("seed " + seed);
                    Path folder = out.resolve("seed-" + seed);
                    ObjectNode figures =
                            learning.run(definition, new Learning.Settings(seed, every, ranks, extras, timing), folder);
                    Files.writeString(folder.resolve("figures.json"), figures.toPrettyString() + "\n");
                }
            }
            return 0;
        } catch (ExperimentRefusedException e) {
            spec.commandLine().getErr().println("coppice: " + e.getMessage());
            return 2;
        }
    }

    private List<Extra> extras() {
        List<Extra> extras = new ArrayList<>();
        if (personal != null) {
            String[] parts = parts("--personal", personal, "x|@", 3);
            extras.add(new Extra.Personal(
                    whole("--personal", parts[0]), whole("--personal", parts[1]), rate("--personal", parts[2])));
        }
        if (personalUnchecked != null) {
            String[] parts = parts("--personal-unchecked", personalUnchecked, "@", 2);
            extras.add(new Extra.PersonalUnchecked(
                    whole("--personal-unchecked", parts[0]), rate("--personal-unchecked", parts[1])));
        }
        if (local != null) {
            String[] parts = parts("--local", local, "@", 2);
            extras.add(new Extra.Local(whole("--local", parts[0]), rate("--local", parts[1])));
        }
        if (central != null) {
            String[] parts = parts("--central", central, "@", 2);
            extras.add(new Extra.Central(whole("--central", parts[0]), rate("--central", parts[1])));
        }
        return extras;
    }

    private String[] parts(String option, String value, String separator, int count) {
        String[] parts = value.split(separator, -1);
        if (parts.length != count) {
            throw new ParameterException(
                    spec.commandLine(),
                    option + " is " + (count == 3 ? "for example 6x5@0.003" : "for example 3@0.003"));
        }
        return parts;
    }

    private int whole(String option, String text) {
        try {
            int number = Integer.parseInt(text);
            if (number >= 1) {
                return number;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw new ParameterException(spec.commandLine(), option + ": " + text + " is no whole number above 0");
    }

    private float rate(String option, String text) {
        try {
            float number = Float.parseFloat(text);
            if (number > 0 && number <= 1) {
                return number;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw new ParameterException(
                spec.commandLine(),
                String.format(Locale.ROOT, "%s: %s is no learning rate above 0, at most 1", option, text));
    }
}
