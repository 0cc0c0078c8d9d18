package dev.coppice.simulator.audit;

import com.google.protobuf.ByteString;
import dev.coppice.crypto.masking.CohortRefusedException;
import dev.coppice.crypto.masking.Member;
import dev.coppice.crypto.masking.MessageRefusedException;
import dev.coppice.crypto.masking.RoundRefusedException;
import dev.coppice.crypto.masking.SharesMissingException;
import dev.coppice.crypto.privacy.CohortBounds;
import dev.coppice.crypto.privacy.EncodingParameters;
import dev.coppice.crypto.privacy.NoisePlan;
import dev.coppice.crypto.privacy.PrivacyRefusedException;
import dev.coppice.crypto.privacy.RotationSeed;
import dev.coppice.crypto.privacy.SumDecoder;
import dev.coppice.crypto.privacy.UpdateEncoder;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.SignedMessages;
import dev.coppice.crypto.signing.SigningKey;
import dev.coppice.protocol.enrolment.DeviceCertificate;
import dev.coppice.simulator.world.SeededRandomSource;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The devices of one population, enrolled: as many honest ones, bad ones and drop-outs as the settings say. */
final class AuditedFleet {
    static final double CLIP_NORM = 1;

    private static final Instant NOW = Instant.parse("2026-01-02T00:00:00Z");

    private final AuditSettings settings;
    private final SeededRandomSource random;
    private final Habits habits;
    private final SigningKey server;
    private final SigningKey authority;
    private final List<Member> members = new ArrayList<>();

    AuditedFleet(AuditSettings settings, SeededRandomSource random, Habits habits) {
        this.settings = settings;
        this.random = random;
        this.habits = habits;
        server = SigningKey.generate(random.fork("server"));
        authority = SigningKey.generate(random.fork("authority"));
        for (int i = 0; i < settings.devices(); i++) {
            members.add(member("device-%05d".formatted(i))); // in the canonical order: i is its place in the cohort
        }
    }

    private Member member(String deviceId) {
        SigningKey key = SigningKey.generate(random.fork(deviceId));
        DeviceCertificate certificate = DeviceCertificate.newBuilder()
                .setDeviceId(deviceId)
                .setSigningKey(ByteString.copyFrom(key.verifyingKey().bytes()))
                .setPopulation("audit")
                .setNotBeforeEpochSeconds(NOW.getEpochSecond())
                .setNotAfterEpochSeconds(NOW.plus(Duration.ofDays(90)).getEpochSecond())
                .build();
        return new Member(deviceId, key, SignedMessages.sign(authority, Purpose.DEVICE_CERTIFICATE, certificate));
    }

    /**
     * Plays one round.
     *
     * @param number from 1
     * @param updates of the honest devices, empty where one puts zeros into the sum; bad ones hand in updates of zeros
     */
    Seen play(int number, List<Optional<float[]>> updates) throws RoundFailedException {
        try {
            int keysOf = habits.keysOfRound(number);
            CohortBounds cohort = settings.cohort();
            NoisePlan offered = NoisePlan.calibrate(
                    settings.goal(),
                    cohort,
                    settings.dimension(),
                    settings.clipping(),
                    random.fork("rotation/" + keysOf).bytes(RotationSeed.BYTES));
            var terms = AuditTerms.of(offered, cohort, keysOf, NOW, server);
            NoisePlan plan = NoisePlan.verify(
                    terms.terms().getEncoding(),
                    terms.terms().getPrivacy(),
                    terms.terms().getCohort());
            var keys = random.fork("keys/" + keysOf);
            var round = new AuditedRound(terms, members, authority.verifyingKey(), keys, NOW);
            for (int i = 0; i < settings.staying(); i++) {
                round.mask(i, encoded(number, i, updates, plan.encoding()));
            }
            int[] sum = round.unmask(server);
            return new Seen(released(sum, plan.encoding()), round.inputs(), plan);
        } catch (RoundRefusedException
                | CohortRefusedException
                | MessageRefusedException
                | SharesMissingException
                | PrivacyRefusedException e) {
            throw new RoundFailedException(number, e);
        }
    }

    /** The decoded sum; and at its end, where there is one, what honest devices put into the count. */
    private float[] released(int[] sum, EncodingParameters encoding) {
        SumDecoder decoder = new SumDecoder(encoding);
        float[] decoded = decoder.decode(sum);
        if (!encoding.hasIndicator()) {
            return decoded;
        }
        int staying = settings.staying();
        double indicators = (2 * decoder.partWithinClipNorm(sum, staying) - 1) * staying;
        float[] released = Arrays.copyOf(decoded, decoded.length + 1);
        int bad = staying - settings.honest(); // each within the norm, as everybody knows
        released[decoded.length] = (float) ((indicators - bad) * encoding.indicator());
        return released;
    }

    private int[] encoded(int number, int device, List<Optional<float[]>> updates, EncodingParameters agreed) {
        boolean honest = device < updates.size();
        EncodingParameters used = honest ? habits.encoding(device, agreed) : withNoise(agreed, 0);
        Optional<float[]> update = honest ? updates.get(device) : Optional.of(new float[settings.dimension()]);
        var own = random.fork("noise/" + number + "/" + device);
        return update.isPresent()
                ? new UpdateEncoder(used).encode(update.get(), own)
                : new UpdateEncoder(withoutIndicator(used)).encode(new float[used.dimension()], own);
    }

    /** So that zeros are put into the count too. */
    private static EncodingParameters withoutIndicator(EncodingParameters agreed) {
        return new EncodingParameters(
                agreed.dimension(),
                agreed.clipNorm(),
                agreed.scale(),
                agreed.bits(),
                agreed.rotationSeed(),
                agreed.noiseSigma());
    }

    /** The same but for the noise of each device. */
    static EncodingParameters withNoise(EncodingParameters agreed, double sigma) {
        return new EncodingParameters(
                agreed.dimension(),
                agreed.clipNorm(),
                agreed.scale(),
                agreed.bits(),
                agreed.rotationSeed(),
                sigma,
                agreed.indicator());
    }
}
