package dev.coppice.simulator.cli;

import dev.coppice.crypto.trust.RootMetadata;
import dev.coppice.simulator.signer.Drafts;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code coppice pack rotate}: puts one holder in another's place. */
@Command(
        name = "rotate",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "Puts one holder of root or release keys in another's place.",
        description = {
            "Makes the next root. Three of the five root holders sign it; where one of them is replaced, three of the old",
            "and three of the new. Devices follow by themselves. When release keys change, publish targets anew afterwards."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  coppice pack rotate --old keys/root-2.pub.json --new keys/root-6.pub.json --key keys/root-1.pem \\",
            "      --key keys/root-3.pem --key keys/root-4.pem --aggregator http://127.0.0.1:8080 --token-file operator.token"
        })
final class RotateCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Mixin
    private SigningOptions signing = new SigningOptions();

    @Option(names = "--old", required = true, paramLabel = "FILE", description = "public keys of who leaves")
    private Path old = Path.of("old.pub.json");

    @Option(names = "--new", required = true, paramLabel = "FILE", description = "public keys of who comes")
    private Path fresh = Path.of("new.pub.json");

    @Override
    public Integer call() throws IOException, InterruptedException {
        return signing.work((desk, admin, signers) -> {
            RootMetadata present = desk.view().root();
            RootMetadata next = Drafts.rotated(
                    present,
                    HolderNames.read(old),
                    HolderNames.read(fresh),
                    InstantSource.system().instant());
            spec.commandLine().getOut().println(desk.root(next.draft(), next, signers, present));
            return 0;
        });
    }
}
