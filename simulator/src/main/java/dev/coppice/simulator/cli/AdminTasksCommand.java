package dev.coppice.simulator.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code coppice admin tasks …}: what is trained or measured. */
@Command(
        name = "tasks",
        mixinStandardHelpOptions = true,
        description = "Creates tasks and looks after them. A definition is JSON, as the aggregator's README shows it.",
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "%nExamples:%n",
        footer = {
            "  coppice admin tasks validate task.json              what it would cost, or why it is refused",
            "  coppice admin tasks create task.json",
            "  coppice admin tasks show t-0123456789abcdef",
            "  coppice admin tasks pause t-0123456789abcdef        no more rounds open, until tasks resume",
            "  coppice admin tasks clone t-0123456789abcdef --changes changes.json"
        })
final class AdminTasksCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say what to do, for example: coppice admin tasks list");
    }

    @Command(
            mixinStandardHelpOptions = true,
            description = "Lists tasks, newest first.",
            footerHeading = "%nExamples:%n",
            footer = "  coppice admin tasks list --limit 10")
    int list(@Mixin AdminOptions options, @Mixin PageOptions page) throws IOException, InterruptedException {
        return options.look("tasks" + page.query());
    }

    @Command(
            mixinStandardHelpOptions = true,
            description = "Tells how far a task is, round by round.",
            footerHeading = "%nExamples:%n",
            footer = "  coppice admin tasks show t-0123456789abcdef --json")
    int show(@Mixin AdminOptions options, @Parameters(paramLabel = "TASK", description = "its id") String task)
            throws IOException, InterruptedException {
        return options.look("tasks/" + Names.checked(spec, task));
    }

    @Command(
            mixinStandardHelpOptions = true,
            description = "Creates a task. Its first round opens when its schedule says so, at once if it has none.",
            footerHeading = "%nExamples:%n",
            footer = {"  coppice admin tasks create task.json", "  cat task.json | coppice admin tasks create -"})
    int create(
            @Mixin AdminOptions options,
            @Parameters(paramLabel = "FILE", description = "the definition; - for the standard input") Path file)
            throws IOException, InterruptedException {
        return options.change("tasks", AdminOptions.content(file));
    }

    @Command(
            mixinStandardHelpOptions = true,
            description = "Says what a task would cost, or why it would be refused. Creates nothing.",
            footerHeading = "%nExamples:%n",
            footer = "  coppice admin tasks validate task.json")
    int validate(
            @Mixin AdminOptions options,
            @Parameters(paramLabel = "FILE", description = "the definition; - for the standard input") Path file)
            throws IOException, InterruptedException {
        return options.change("tasks/validate", AdminOptions.content(file));
    }

    @Command(
            mixinStandardHelpOptions = true,
            description = "Lets no more rounds of a task open. One that devices have joined goes on.",
            footerHeading = "%nExamples:%n",
            footer = "  coppice admin tasks pause t-0123456789abcdef")
    int pause(@Mixin AdminOptions options, @Parameters(paramLabel = "TASK", description = "its id") String task)
            throws IOException, InterruptedException {
        return changed(options, task, "pause");
    }

    @Command(
            mixinStandardHelpOptions = true,
            description = "Lets rounds of a paused task open again.",
            footerHeading = "%nExamples:%n",
            footer = "  coppice admin tasks resume t-0123456789abcdef")
    int resume(@Mixin AdminOptions options, @Parameters(paramLabel = "TASK", description = "its id") String task)
            throws IOException, InterruptedException {
        return changed(options, task, "resume");
    }

    @Command(
            mixinStandardHelpOptions = true,
            description = "Ends a task for good. A round that devices have joined goes on.",
            footerHeading = "%nExamples:%n",
            footer = "  coppice admin tasks cancel t-0123456789abcdef")
    int cancel(@Mixin AdminOptions options, @Parameters(paramLabel = "TASK", description = "its id") String task)
            throws IOException, InterruptedException {
        return changed(options, task, "cancel");
    }

    @Command(
            name = "clone",
            mixinStandardHelpOptions = true,
            description = "Creates a task like another one, but for some members of its definition.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  coppice admin tasks clone t-0123456789abcdef",
                "  echo '{\"rounds\": 3}' | coppice admin tasks clone t-0123456789abcdef --changes -"
            })
    int copy(
            @Mixin AdminOptions options,
            @Parameters(paramLabel = "TASK", description = "its id") String task,
            @Option(
                            names = "--changes",
                            paramLabel = "FILE",
                            description =
                                    "JSON of the members that differ (merge patch, RFC 7396); - for the standard input")
                    @Nullable
                    Path changes)
            throws IOException, InterruptedException {
        return options.change("tasks/" + Names.checked(spec, task) + "/clone", AdminOptions.content(changes));
    }

    private int changed(AdminOptions options, String task, String what) throws IOException, InterruptedException {
        return options.change("tasks/" + Names.checked(spec, task) + "/" + what, new byte[0]);
    }
}
