package dev.coppice.simulator.fleet;

import com.google.protobuf.ByteString;
import dev.coppice.crypto.RandomSource;
import dev.coppice.crypto.masking.Member;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.SignedMessages;
import dev.coppice.crypto.signing.SigningKey;
import dev.coppice.protocol.Signed;
import dev.coppice.protocol.enrolment.DeviceCertificate;
import dev.coppice.simulator.world.SeededRandomSource;
import java.time.Duration;
import java.time.Instant;

/** The keys of a run, all made from its seed: the server's, the enrolment authority's, and each device's when it wakes. */
final class FleetKeys implements AutoCloseable {
    private static final int NOISE_KEY_BYTES = 32;
    private static final Duration CERTIFIED = Duration.ofDays(36_500);

    private final SeededRandomSource random;
    private final Instant start;
    private final SigningKey server;
    private final SigningKey authority;

    FleetKeys(SeededRandomSource random, Instant start) {
        this.random = random;
        this.start = start;
        server = SigningKey.generate(random.fork("server"));
        authority = SigningKey.generate(random.fork("authority"));
    }

    SigningKey server() {
        return server;
    }

    SigningKey authority() {
        return authority;
    }

    byte[] serverNoise() {
        return random.fork("server/noise").bytes(NOISE_KEY_BYTES);
    }

    /** What decides where there are several tasks, and how long devices are to wait. */
    RandomSource checkIns() {
        return random.fork("server/check-ins");
    }

    static String deviceId(int device) {
        return "device-%05d".formatted(device);
    }

    /** A device as it takes part in rounds; its key is the caller's to close. */
    Member member(int device) {
        SigningKey key = SigningKey.generate(random.fork("device/" + device + "/key"));
        DeviceCertificate certificate = DeviceCertificate.newBuilder()
                .setDeviceId(deviceId(device))
                .setSigningKey(ByteString.copyFrom(key.verifyingKey().bytes()))
                .setPopulation(FleetMaterial.POPULATION)
                .setNotBeforeEpochSeconds(start.minus(Duration.ofDays(1)).getEpochSecond())
                .setNotAfterEpochSeconds(start.plus(CERTIFIED).getEpochSecond())
                .build();
        return new Member(deviceId(device), key, certified(certificate));
    }

    /** A key signs for one thread at a time. */
    private synchronized Signed certified(DeviceCertificate certificate) {
        return SignedMessages.sign(authority, Purpose.DEVICE_CERTIFICATE, certificate);
    }

    @Override
    public void close() {
        server.close();
        authority.close();
    }
}
