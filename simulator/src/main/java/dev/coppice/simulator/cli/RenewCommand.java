package dev.coppice.simulator.cli;

import dev.coppice.crypto.trust.RepositoryView;
import dev.coppice.crypto.trust.RootMetadata;
import dev.coppice.simulator.signer.Drafts;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code coppice pack renew}: signs root or targets anew, with nothing changed but their end. */
@Command(
        name = "renew",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "Signs root or targets anew, before their time is over.",
        description = {
            "The same content with a later end: a root for a year, to be signed by three of its five holders, targets for 90",
            "days, by two of three. The aggregator's log and GET /v1/admin/repository say when that is due. Once their time",
            "is over, devices install nothing until they are renewed; --although-expired then believes them once more."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  coppice pack renew --targets --key keys/release.pem --key keys/security.pem \\",
            "      --aggregator http://127.0.0.1:8080 --token-file operator.token"
        })
final class RenewCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Mixin
    private SigningOptions signing = new SigningOptions();

    @Option(names = "--root", description = "renew the root")
    private boolean root;

    @Option(names = "--targets", description = "renew the targets")
    private boolean targets;

    @Option(names = "--although-expired", description = "also if the time of root, targets or others is over already")
    private boolean althoughExpired;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (!root && !targets) {
            throw new ParameterException(spec.commandLine(), "say --root, --targets or both");
        }
        return signing.work((desk, admin, signers) -> {
            Instant now = InstantSource.system().instant();
            RepositoryView view = althoughExpired ? desk.viewAlthoughExpired() : desk.view();
            RootMetadata present = view.root();
            if (root) {
                RootMetadata next = Drafts.renewed(present, now);
                spec.commandLine().getOut().println(desk.root(next.draft(), next, signers, present));
            }
            if (targets) {
                spec.commandLine()
                        .getOut()
                        .println(
                                desk.targets(Drafts.renewed(view.targets(), now).draft(), signers, present));
            }
            return 0;
        });
    }
}
