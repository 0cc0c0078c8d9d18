package dev.coppice.simulator.cli;

import dev.coppice.aggregator.Application;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code coppice aggregator}: the service alone, in this process. */
@Command(
        name = "aggregator",
        mixinStandardHelpOptions = true,
        description = "Runs the aggregator: HTTP, an embedded database, nothing to set up.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  coppice aggregator --home ./aggregator --port 8080",
            "  curl localhost:8080/health",
            "  curl -H \"Authorization: Bearer $(cat ./aggregator/operator.token)\" -d '{\"count\":1,\"population\":\"home\"}' "
                    + "localhost:8080/v1/admin/enrolment-tokens"
        })
final class AggregatorCommand implements Callable<Integer> {
    @Option(
            names = "--home",
            paramLabel = "DIR",
            defaultValue = "coppice-aggregator",
            description = "folder for the database, stored blobs and keys (default: ${DEFAULT-VALUE})")
    private Path home = Path.of("coppice-aggregator");

    @Option(
            names = "--port",
            paramLabel = "N",
            defaultValue = "8080",
            description = "port to listen on; 0 takes a free one and writes it to DIR/port (default: ${DEFAULT-VALUE})")
    private int port;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Application.main(new String[] {"--home", home.toString(), "--port", Integer.toString(port)});
        new CountDownLatch(1).await(); // Ctrl-C ends it
        return 0;
    }
}
