package dev.coppice.simulator.cli;

import dev.coppice.crypto.trust.MetadataRefusedException;
import dev.coppice.crypto.trust.Signatory;
import dev.coppice.simulator.operator.AdminClient;
import dev.coppice.simulator.signer.Desk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Mixin;

/** Holders at a desk: who signs, and where. */
final class SigningOptions {
    @Mixin
    private DeskOptions desks = new DeskOptions();

    @Mixin
    private HolderOptions holders = new HolderOptions();

    /** What holders do at a desk. */
    interface Work {
        int at(Desk desk, AdminClient admin, List<Signatory> holders)
                throws IOException, InterruptedException, MetadataRefusedException;
    }

    Path dir() {
        return desks.dir();
    }

    /** Does it, and wipes the keys afterwards; an exit code. */
    int work(Work work) throws IOException, InterruptedException {
        return holders.work(signers -> desks.work((desk, admin) -> work.at(desk, admin, signers)));
    }
}
