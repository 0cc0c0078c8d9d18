package dev.coppice.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.coppice.protocol.round.KeyAgreement;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
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
        KeyAgreement agreement = hybrid ? KeyAgreement.X25519_MLKEM768 : KeyAgreement.X25519;
        int warmUp = Math.min(WARM_UP_DEVICES, devices);
        try (ExecutorService workers = Executors.newFixedThreadPool(threads)) {
            new PlayedRound(warmUp, values, bits, corruptionBound, dropoutBound, agreement).play(workers, threads);
            PlayedRound round = new PlayedRound(devices, values, bits, corruptionBound, dropoutBound, agreement);
            round.play(workers, threads);
            System.out.println(new ObjectMapper().writeValueAsString(told(round)));
        }
        return 0;
    }

    private Map<String, Object> told(PlayedRound round) {
        double verifying = round.signatureChecks() * PlayedRound.verifyingMilliseconds();
        double keys = median(round.advertising);
        double sharing = median(round.sharing);
        double masking = median(round.masking);
        double rest = median(round.attesting) + median(round.unmasking);
        long plain = (long) values * bits / Byte.SIZE;
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("what", "secure aggregation");
        answer.put("hybrid", hybrid);
        answer.put("devices", devices);
        answer.put("neighbours", round.parameters().degree());
        answer.put("threshold", round.parameters().threshold());
        answer.put("values", values);
        answer.put("bits", bits);
        answer.put("droppedOut", round.droppedOut());
        answer.put("clientKeysCpuMs", keys);
        answer.put("clientSharesCpuMs", sharing);
        answer.put("clientMasksCpuMs", masking);
        answer.put("clientAttestAndUnmaskCpuMs", rest);
        answer.put("clientWholeRoundCpuMs", keys + sharing + masking + rest);
        answer.put("clientSignatureChecks", round.signatureChecks());
        answer.put("clientSignatureChecksCpuMs", verifying);
        answer.put("clientWithoutSignatureChecksCpuMs", keys + sharing + masking + rest - verifying);
        answer.put("serverUnmaskingSeconds", round.unmaskingSeconds);
        answer.put("serverUnmaskingCpuSeconds", round.unmaskingCpuSeconds);
        answer.put("serverThreads", threads);
        answer.put("plainBytes", plain);
        answer.put("bytesUp", round.bytesUp);
        answer.put("bytesDown", round.bytesDown);
        answer.put("upOverPlain", (double) round.bytesUp / plain);
        answer.put("bothOverPlain", (double) (round.bytesUp + round.bytesDown) / plain);
        answer.put("java", Runtime.version().toString());
        answer.put("processors", Runtime.getRuntime().availableProcessors());
        return answer;
    }

    private static double median(double[] samples) {
        double[] sorted = samples.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    /** Runs one measurement. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new MeasureRound()).execute(arguments));
    }
}
