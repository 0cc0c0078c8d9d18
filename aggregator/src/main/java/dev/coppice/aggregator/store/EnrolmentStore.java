package dev.coppice.aggregator.store;

import com.google.protobuf.ByteString;
import java.time.Instant;
import java.util.Collection;
import java.util.Optional;
import java.util.SortedMap;

/** Tokens, devices and the nonces of late. Every method is one transaction. For any number of threads and processes. */
public interface EnrolmentStore {
    /**
     * An enrolled device.
     *
     * @param signingKey Ed25519, 32 bytes
     * @param certificate a serialized {@code Signed} whose payload is {@code DeviceCertificate}
     * @param revoked whether its certificate is worth nothing any more
     */
    record Device(String id, ByteString signingKey, String population, ByteString certificate, boolean revoked) {}

    /**
     * An enrolment token, known by its hash alone.
     *
     * @param deviceId whom it admitted; empty while it is unused
     */
    record Token(String population, String deviceId) {}

    /** Adds unused tokens by the SHA-256 of each, in hexadecimal digits. */
    void addTokens(Collection<String> sha256, String population);

    Optional<Token> findToken(String sha256);

    /**
     * Spends a token on a device.
     *
     * @return false, with nothing changed, if the token is spent or unknown or the device's key is enrolled
     */
    boolean redeem(String sha256, Device device);

    Optional<Device> findDevice(String deviceId);

    /**
     * Gives a device another key and certificate.
     *
     * @param renewed the same id and population
     * @return false, with nothing changed, if the device has another key than {@code before} by now, or the new key is
     *     another device's
     */
    boolean renew(ByteString before, Device renewed);

    /**
     * Revokes a device's certificate, for good.
     *
     * @return false if there is no such device
     */
    boolean revoke(String deviceId);

    /** How many devices are enrolled, by population. */
    SortedMap<String, Long> devicesByPopulation();

    /** How many devices have checked in since then, as far as their nonces are remembered. */
    long devicesSeen(Instant since);

    /** Remembers a nonce. @return false if it was used before */
    boolean useNonce(String deviceId, ByteString nonce, Instant sent);

    /** Forgets nonces of requests that are too old to be taken in any case. */
    void forgetNonces(Instant sentBefore);
}
