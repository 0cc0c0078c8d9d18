package dev.coppice.simulator.cli;

import dev.coppice.aggregator.Application;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/** {@code coppice aggregator}: the service alone, in this process. It reads its options itself. */
@Command(name = "aggregator", description = "Runs the aggregator: HTTP, an embedded database, nothing to set up.")
final class AggregatorCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Unmatched
    private List<String> arguments = new ArrayList<>();

    @Override
    public Integer call() throws InterruptedException {
        if (arguments.contains("--help") || arguments.contains("-h")) {
            PrintWriter out = spec.commandLine().getOut();
            out.print(Application.help());
            out.flush();
            return 0;
        }
        Application.main(arguments.toArray(new String[0]));
        new CountDownLatch(1).await(); // Ctrl-C ends it
        return 0;
    }
}
