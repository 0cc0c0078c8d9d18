package dev.coppice.simulator.cli;

import dev.coppice.crypto.trust.RepositoryView;
import dev.coppice.simulator.signer.Drafts;
import java.io.IOException;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code coppice pack revoke}: takes a pack back. */
@Command(
        name = "revoke",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "Takes a skill pack back: devices drop it at their next look.",
        description = {"Makes the next targets without this version, to be signed by two of the three release holders."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  coppice pack revoke --skill assistant --pack-version 2 --key keys/release.pem --key keys/security.pem \\",
            "      --aggregator http://127.0.0.1:8080 --token-file operator.token"
        })
final class RevokeCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Mixin
    private SigningOptions signing = new SigningOptions();

    @Option(names = "--skill", required = true, paramLabel = "NAME", description = "which skill")
    private String skill = "";

    @Option(names = "--pack-version", required = true, paramLabel = "N", description = "which version of it")
    private long packVersion = 1;

    @Override
    public Integer call() throws IOException, InterruptedException {
        return signing.work((desk, admin, signers) -> {
            RepositoryView view = desk.view();
            var next = Drafts.without(
                    view.targets(), skill, packVersion, InstantSource.system().instant());
            spec.commandLine().getOut().println(desk.targets(next.draft(), signers, view.root()));
            return 0;
        });
    }
}
