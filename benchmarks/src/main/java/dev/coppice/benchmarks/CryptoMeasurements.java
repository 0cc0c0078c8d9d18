package dev.coppice.benchmarks;

import dev.coppice.crypto.RandomSource;
import dev.coppice.crypto.Sha256;
import dev.coppice.crypto.internal.MaskStream;
import dev.coppice.crypto.privacy.EncodingParameters;
import dev.coppice.crypto.privacy.GaussianSampling;
import dev.coppice.crypto.privacy.IntegerGaussian;
import dev.coppice.crypto.privacy.RotationSeed;
import dev.coppice.crypto.privacy.UpdateEncoder;
import dev.coppice.crypto.sealing.OpeningInputStream;
import dev.coppice.crypto.sealing.SealBrokenException;
import dev.coppice.crypto.sealing.SealingKey;
import dev.coppice.crypto.sealing.SealingOutputStream;
import dev.coppice.crypto.sealing.SealingSuite;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.SignatureAlgorithm;
import dev.coppice.crypto.signing.SigningKey;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.InvalidKeyException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** What cryptography costs: CPU time of one thread, the best of seven samples. Units come last in the names. */
final class CryptoMeasurements {
    private static final int SAMPLES = 7;
    private static final double SAMPLE_MILLISECONDS = 200;
    private static final int VALUES = 1 << 18;
    private static final byte[] INFO = new byte[64];

    private static final RandomSource RANDOM = RandomSource.secure();

    /** One call of what is measured. */
    private interface Work {
        void run() throws Exception;
    }

    /** Expanding masks into a vector of 2^18 values: the one place where benchmarks reach into crypto's inside. */
    Map<String, Object> mask() throws Exception {
        MaskStream stream = new MaskStream();
        byte[] key = RANDOM.bytes(MaskStream.KEY_BYTES);
        int[] vector = new int[VALUES];
        double milliseconds = best(() -> stream.add(key, vector));
        double gibibytes = (double) VALUES * Integer.BYTES / (1 << 30);
        return Map.of("gibibytesASecond", rounded(gibibytes / milliseconds * 1e3), "maskMs", rounded(milliseconds));
    }

    /** Both samplers at small, usual and large noise, in millions of samples a second; and encoding a whole update. */
    Map<String, Object> sampler() throws Exception {
        Map<String, Object> figures = new LinkedHashMap<>();
        int[] values = new int[VALUES];
        for (GaussianSampling sampling : GaussianSampling.values()) {
            for (int sigma : new int[] {4, 16, 64, 170, 1000, 1 << 20}) {
                IntegerGaussian gaussian = sampling.of(sigma);
                double milliseconds = best(() -> gaussian.addTo(values, RANDOM));
                figures.put(name(sampling) + sigma + "MillionsASecond", rounded(VALUES / milliseconds / 1e3));
            }
            EncodingParameters encoding =
                    new EncodingParameters(VALUES, 1, 4096, 24, RotationSeed.of(new byte[32]), 700);
            UpdateEncoder encoder = new UpdateEncoder(encoding, sampling);
            float[] update = new float[VALUES];
            figures.put(name(sampling) + "EncodeMs", rounded(best(() -> encoder.encode(update, RANDOM))));
        }
        UpdateEncoder silent =
                new UpdateEncoder(new EncodingParameters(VALUES, 1, 4096, 24, RotationSeed.of(new byte[32]), 0));
        float[] update = new float[VALUES];
        figures.put("encodeWithoutNoiseMs", rounded(best(() -> silent.encode(update, RANDOM))));
        return figures;
    }

    /** Signatures, seals, streams and hashes. */
    Map<String, Object> primitives() throws Exception {
        Map<String, Object> figures = new LinkedHashMap<>();
        byte[] message = new byte[100];
        for (SignatureAlgorithm algorithm : SignatureAlgorithm.values()) {
            try (SigningKey key = SigningKey.generate(algorithm, RANDOM)) {
                byte[] signature = key.sign(Purpose.DEVICE_SPENT, message);
                figures.put(name(algorithm) + "SignUs", us(() -> key.sign(Purpose.DEVICE_SPENT, message)));
                figures.put(
                        name(algorithm) + "VerifyUs",
                        us(() -> require(key.verifyingKey().verifies(Purpose.DEVICE_SPENT, message, signature))));
            }
        }
        for (SealingSuite suite : SealingSuite.values()) {
            try (SealingKey key = SealingKey.generate(suite, RANDOM)) {
                byte[] publicKey = key.publicKey();
                byte[] sealed = suite.seal(publicKey, message, INFO, INFO, RANDOM);
                figures.put(name(suite) + "SealUs", us(() -> suite.seal(publicKey, message, INFO, INFO, RANDOM)));
                figures.put(name(suite) + "OpenUs", us(() -> key.open(sealed, INFO, INFO)));
            }
        }
        streams(figures);
        byte[] megabyte = new byte[1 << 20];
        figures.put("sha256GibibytesASecond", rounded(1000 / best(() -> Sha256.hash(megabyte)) / 1024));
        return figures;
    }

    private void streams(Map<String, Object> figures) throws Exception {
        byte[] plain = new byte[16 << 20];
        try (SealingKey key = SealingKey.generate(SealingSuite.X_WING, RANDOM)) {
            ByteArrayOutputStream sink = new ByteArrayOutputStream();
            seal(key, plain, sink);
            byte[] sealed = sink.toByteArray();
            double sealing = best(() -> seal(key, plain, OutputStream.nullOutputStream()));
            double opening = best(() -> open(key, sealed));
            figures.put("streamSealGibibytesASecond", rounded(1000 / sealing / 64));
            figures.put("streamOpenGibibytesASecond", rounded(1000 / opening / 64));
        }
    }

    private static void seal(SealingKey key, byte[] plain, OutputStream sink) throws InvalidKeyException, IOException {
        try (SealingOutputStream stream = key.suite().sealingStream(key.publicKey(), INFO, RANDOM, sink)) {
            stream.write(plain);
            stream.finish();
        }
    }

    private static void open(SealingKey key, byte[] sealed) throws SealBrokenException, IOException {
        try (OpeningInputStream stream = key.openingStream(INFO, new ByteArrayInputStream(sealed))) {
            stream.transferTo(OutputStream.nullOutputStream());
        }
    }

    private static double us(Work work) throws Exception {
        return rounded(1e3 * best(work));
    }

    /** Milliseconds of one call. */
    private static double best(Work work) throws Exception {
        CpuTime warmUp = new CpuTime();
        int calls = 0;
        while (warmUp.milliseconds() < SAMPLE_MILLISECONDS) {
            work.run();
            calls++;
        }
        double best = Double.POSITIVE_INFINITY;
        for (int sample = 0; sample < SAMPLES; sample++) {
            CpuTime time = new CpuTime();
            for (int i = 0; i < calls; i++) {
                work.run();
            }
            best = Math.min(best, time.milliseconds() / calls);
        }
        return best;
    }

    private static void require(boolean holds) {
        if (!holds) {
            throw new IllegalStateException("What was measured does not work");
        }
    }

    private static String name(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private static double rounded(double value) {
        return Math.round(1_000 * value) / 1_000.0;
    }
}
