package dev.coppice.agent.checkin;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.coppice.agent.store.StateFile;
import dev.coppice.crypto.RandomSource;
import dev.coppice.crypto.masking.Member;
import dev.coppice.crypto.sealing.StorageKey;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.SignatureRefusedException;
import dev.coppice.crypto.signing.SignedMessages;
import dev.coppice.crypto.signing.SigningKey;
import dev.coppice.crypto.signing.VerifyingKey;
import dev.coppice.protocol.Signed;
import dev.coppice.protocol.enrolment.DeviceCertificate;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;

/** The device's key, made once and kept in its home, and its certificate once it is enrolled. Use on one thread. */
public final class Identity implements AutoCloseable {
    private static final int SEED_BYTES = 32;
    private static final int CERTIFICATE_BYTES_MAX = 4096;

    private final SigningKey key;
    private final StateFile keyFile;
    private final StateFile certificateFile;
    private final VerifyingKey authority;
    private volatile Optional<Signed> certificate;

    private Identity(
            SigningKey key,
            StateFile keyFile,
            StateFile certificateFile,
            VerifyingKey authority,
            Optional<Signed> certificate) {
        this.key = key;
        this.keyFile = keyFile;
        this.certificateFile = certificateFile;
        this.authority = authority;
        this.certificate = certificate;
    }

    /**
     * Opens the identity in a home, or makes one.
     *
     * @param storage key of the home; stays the caller's
     * @param authority key of the enrolment authority; a certificate of another's is ignored
     */
    public static Identity open(Path home, StorageKey storage, VerifyingKey authority, RandomSource random)
            throws IOException {
        StateFile keyFile = new StateFile(home.resolve("identity"), SEED_BYTES, storage);
        Optional<byte[]> stored = keyFile.read();
        byte[] seed = stored.isPresent() ? stored.get() : random.bytes(SEED_BYTES);
        try {
            if (stored.isEmpty()) {
                keyFile.write(seed);
            }
            SigningKey key = SigningKey.of(seed);
            StateFile certificateFile = new StateFile(home.resolve("certificate"), CERTIFICATE_BYTES_MAX, storage);
            return new Identity(key, keyFile, certificateFile, authority, parse(certificateFile.read()));
        } finally {
            Arrays.fill(seed, (byte) 0);
        }
    }

    /** The device's key; stays this object's. */
    public SigningKey key() {
        return key;
    }

    /**
     * Keeps a certificate, durably.
     *
     * @throws SignatureRefusedException if the enrolment authority did not sign it, or it is not for this key
     */
    public void keep(Signed offered, String population) throws IOException, SignatureRefusedException {
        DeviceCertificate content =
                DeviceCertificate.parseFrom(SignedMessages.verified(offered, authority, Purpose.DEVICE_CERTIFICATE));
        if (!isOurs(content) || !content.getPopulation().equals(population)) {
            throw new IOException("the enrolment authority answered with a certificate for someone else");
        }
        certificateFile.write(offered.toByteArray());
        certificate = Optional.of(offered);
    }

    /** Whether it holds a certificate, valid or not. */
    public boolean hasCertificate() {
        return certificate.isPresent();
    }

    /** Who we are in a round; empty if the device holds no certificate that is valid now. */
    public Optional<Member> member(String population, Instant now) throws IOException {
        if (certificate.isEmpty()) {
            return Optional.empty();
        }
        Signed signed = certificate.get();
        try {
            DeviceCertificate content =
                    DeviceCertificate.parseFrom(SignedMessages.verified(signed, authority, Purpose.DEVICE_CERTIFICATE));
            boolean valid = isOurs(content)
                    && content.getPopulation().equals(population)
                    && content.getNotBeforeEpochSeconds() <= now.getEpochSecond()
                    && now.getEpochSecond() < content.getNotAfterEpochSeconds();
            return valid ? Optional.of(new Member(content.getDeviceId(), key, signed)) : Optional.empty();
        } catch (SignatureRefusedException e) {
            return Optional.empty();
        }
    }

    /** Deletes the key and the certificate from the disk. */
    public void delete() throws IOException {
        certificateFile.delete();
        keyFile.delete();
    }

    /** Wipes the key from memory. Closing twice is harmless. */
    @Override
    public void close() {
        key.close();
    }

    private boolean isOurs(DeviceCertificate content) {
        return Arrays.equals(
                content.getSigningKey().toByteArray(), key.verifyingKey().bytes());
    }

    private static Optional<Signed> parse(Optional<byte[]> stored) throws InvalidProtocolBufferException {
        return stored.isPresent() ? Optional.of(Signed.parseFrom(stored.get())) : Optional.empty();
    }
}
