package dev.coppice.benchmarks;

import dev.coppice.crypto.masking.RoundRefusedException;
import dev.coppice.crypto.privacy.CohortBounds;
import dev.coppice.crypto.privacy.EncodingParameters;
import dev.coppice.crypto.privacy.RotationSeed;
import dev.coppice.protocol.round.KeyAgreement;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What a round of secure aggregation costs its devices and the server; every device is played, and the sum checked. */
@Command(
        name = "measure-round",
        mixinStandardHelpOptions = true,
        description = "Plays one round of secure aggregation; prints one line of JSON.")
public final class MeasureRound implements Callable<Integer> {
    private static final int WARM_UP_DEVICES = 60;

    @Option(names = "--devices", defaultValue = "1000", description = "default: ${DEFAULT-VALUE}")
    private int devices = 1000;

    @Option(names = "--values", defaultValue = "262144", description = "a power of two; default: ${DEFAULT-VALUE}")
    private int values = 1 << 18;

    @Option(names = "--bits", defaultValue = "20", description = "default: ${DEFAULT-VALUE}")
    private int bits = 20;

    @Option(names = "--corruption-bound", defaultValue = "0.05", description = "default: ${DEFAULT-VALUE}")
    private double corruptionBound = 0.05;

    @Option(
            names = "--dropout-bound",
            defaultValue = "0.05",
            description = "all of them drop out after sharing; default: ${DEFAULT-VALUE}")
    private double dropoutBound = 0.05;

    @Option(names = "--hybrid", description = "agree by X25519 and ML-KEM-768; default: by X25519 alone")
    private boolean hybrid;

    @Option(names = "--threads", defaultValue = "2", description = "of the server; default: ${DEFAULT-VALUE}")
    private int threads = 2;

    @Override
    public Integer call() throws Exception {
        try (ExecutorService workers = Executors.newFixedThreadPool(threads)) {
            new PlayedRound(cohort(Math.min(WARM_UP_DEVICES, devices))).play(workers, threads);
            PlayedRound round = new PlayedRound(cohort(devices));
            round.play(workers, threads);
            told(round).print();
        }
        return 0;
    }

    private MeasuredCohort cohort(int size) throws RoundRefusedException {
        CohortBounds bounds = new CohortBounds(size, size, dropoutBound, corruptionBound);
        RotationSeed seed = RotationSeed.of(new byte[RotationSeed.BYTES]);
        EncodingParameters encoding = new EncodingParameters(values, 1, 1, bits, seed, 0);
        KeyAgreement agreement = hybrid ? KeyAgreement.X25519_MLKEM768 : KeyAgreement.X25519;
        return new MeasuredCohort(bounds, encoding, agreement);
    }

    private Answer told(PlayedRound round) throws IOException {
        double verifying = round.signatureChecks() * PlayedRound.verifyingMilliseconds();
        double keys = Answer.median(round.advertising);
        double sharing = Answer.median(round.sharing);
        double masking = Answer.median(round.masking);
        double rest = Answer.median(round.attesting) + Answer.median(round.unmasking);
        long plain = (long) values * bits / Byte.SIZE;
        return new Answer("secure aggregation")
                .add("hybrid", hybrid)
                .add("devices", devices)
                .add("neighbours", round.parameters().degree())
                .add("threshold", round.parameters().threshold())
                .add("values", values)
                .add("bits", bits)
                .add("droppedOut", round.droppedOut())
                .add("clientKeysCpuMs", keys)
                .add("clientSharesCpuMs", sharing)
                .add("clientMasksCpuMs", masking)
                .add("clientAttestAndUnmaskCpuMs", rest)
                .add("clientWholeRoundCpuMs", keys + sharing + masking + rest)
                .add("clientSignatureChecks", round.signatureChecks())
                .add("clientSignatureChecksCpuMs", verifying)
                .add("clientWithoutSignatureChecksCpuMs", keys + sharing + masking + rest - verifying)
                .add("serverUnmaskingSeconds", round.unmaskingSeconds)
                .add("serverUnmaskingCpuSeconds", round.unmaskingCpuSeconds)
                .add("serverThreads", threads)
                .add("serverFoldingCpuMs", Answer.median(round.folding))
                .add("serverHeapMiB", round.serverHeapMiB)
                .add("processPeakMiB", ProcessMemory.peak())
                .add("plainBytes", plain)
                .add("bytesUp", round.bytesUp)
                .add("bytesDown", round.bytesDown)
                .add("upOverPlain", (double) round.bytesUp / plain)
                .add("bothOverPlain", (double) (round.bytesUp + round.bytesDown) / plain);
    }

    /** Runs one measurement. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new MeasureRound()).execute(arguments));
    }
}
