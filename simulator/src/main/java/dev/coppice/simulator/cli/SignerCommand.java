package dev.coppice.simulator.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code coppice pack signer}: holds a release key and signs the one pack that it waits for. */
@Command(name = "signer", mixinStandardHelpOptions = true, description = "Holds a release key and signs one pack.")
final class SignerCommand implements Callable<Integer> {
    @Override
    public Integer call() {
        return 1;
    }
}
