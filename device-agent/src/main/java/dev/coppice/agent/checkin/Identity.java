package dev.coppice.agent.checkin;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.coppice.agent.store.Frames;
import dev.coppice.agent.store.StateFile;
import dev.coppice.agent.store.StoreBrokenException;
import dev.coppice.crypto.RandomSource;
import dev.coppice.crypto.SecretBytes;
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
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The device's key, kept in its home, and its certificate once it is enrolled; both are replaced together. Use on one
 * thread, but for {@link #member}.
 */
public final class Identity implements AutoCloseable {
    private static final int SEED_BYTES = 32;
    private static final int CERTIFICATE_BYTES_MAX = 4096;

    private final StateFile file;
    private final StateFile nextFile;
    private final Supplier<VerifyingKey> authority;
    private final RandomSource random;
    private volatile Held held;

    /** A key, and its certificate if it has one. */
    private record Held(LazyKey lazyKey, Optional<Signed> certificate) {
        SigningKey key() {
            return lazyKey.key();
        }
    }

    private Identity(
            StateFile file, StateFile nextFile, Supplier<VerifyingKey> authority, RandomSource random, Held held) {
        this.file = file;
        this.nextFile = nextFile;
        this.authority = authority;
        this.random = random;
        this.held = held;
    }

    /**
     * Opens the identity in a home, or makes one.
     *
     * @param storage key of the home; stays the caller's
     * @param authority key of the enrolment authority, asked for once there is a certificate; one of another's is ignored
     */
    public static Identity open(Path home, StorageKey storage, Supplier<VerifyingKey> authority, RandomSource random)
            throws IOException {
        Path path = home.resolve("identity");
        StateFile file = new StateFile(path, SEED_BYTES + CERTIFICATE_BYTES_MAX + 2 * Integer.BYTES, storage);
        StateFile nextFile = new StateFile(home.resolve("identity-next"), SEED_BYTES, storage);
        Optional<byte[]> stored = file.read();
        byte[] seed = new byte[SEED_BYTES];
        try {
            Optional<Signed> certificate = Optional.empty();
            if (stored.isPresent()) {
                List<byte[]> parts = Frames.split(stored.get());
                certificate = parse(parts.get(1));
                System.arraycopy(parts.get(0), 0, seed, 0, SEED_BYTES);
                Arrays.fill(parts.get(0), (byte) 0);
            } else {
                random.fill(seed);
                file.write(Frames.join(List.of(seed, new byte[0])));
            }
            return new Identity(
                    file, nextFile, authority, random, new Held(new LazyKey(SecretBytes.of(seed)), certificate));
        } catch (Frames.MalformedException | IndexOutOfBoundsException | InvalidProtocolBufferException e) {
            throw new StoreBrokenException(path, "it is no identity");
        } finally {
            Arrays.fill(seed, (byte) 0);
        }
    }

    /** The device's key; stays this object's. */
    public SigningKey key() {
        return held.key();
    }

    /**
     * Keeps a certificate, durably.
     *
     * @throws SignatureRefusedException if the enrolment authority did not sign it, or it is not for this key
     */
    public void keep(Signed offered, String population) throws IOException, SignatureRefusedException {
        content(offered, held.key(), population);
        Optional<byte[]> stored = file.read();
        try {
            byte[] seed = Frames.split(stored.orElseThrow()).get(0);
            file.write(Frames.join(List.of(seed, offered.toByteArray())));
            Arrays.fill(seed, (byte) 0);
        } catch (Frames.MalformedException e) {
            throw new IllegalStateException("an identity was read before", e);
        }
        held = new Held(held.lazyKey(), Optional.of(offered));
    }

    /** Whether it holds a certificate, valid or not. */
    public boolean hasCertificate() {
        return held.certificate().isPresent();
    }

    /** Whether a certificate is over, or two thirds of its time are; false without one. */
    public boolean isRenewalDue(Instant now) throws IOException {
        Optional<Signed> certificate = held.certificate();
        if (certificate.isEmpty()) {
            return false;
        }
        DeviceCertificate content =
                DeviceCertificate.parseFrom(certificate.get().getPayload());
        long life = content.getNotAfterEpochSeconds() - content.getNotBeforeEpochSeconds();
        return now.getEpochSecond() >= content.getNotBeforeEpochSeconds() + life / 3 * 2;
    }

    /** From when until when the certificate is good, in words; empty without one. */
    public Optional<String> validity() throws IOException {
        Optional<Signed> certificate = held.certificate();
        if (certificate.isEmpty()) {
            return Optional.empty();
        }
        DeviceCertificate content =
                DeviceCertificate.parseFrom(certificate.get().getPayload());
        return Optional.of("from " + Instant.ofEpochSecond(content.getNotBeforeEpochSeconds()) + " until "
                + Instant.ofEpochSecond(content.getNotAfterEpochSeconds()));
    }

    /** The device's id; empty if it was never enrolled. */
    public Optional<String> deviceId() throws IOException {
        Optional<Signed> certificate = held.certificate();
        return certificate.isPresent()
                ? Optional.of(DeviceCertificate.parseFrom(certificate.get().getPayload())
                        .getDeviceId())
                : Optional.empty();
    }

    /** The key that takes this one's place, made the first time and on the disk from then on; the caller closes it. */
    SigningKey nextKey() throws IOException {
        Optional<byte[]> stored = nextFile.read();
        byte[] seed = stored.isPresent() ? stored.get() : random.bytes(SEED_BYTES);
        try {
            if (stored.isEmpty()) {
                nextFile.write(seed);
            }
            return SigningKey.of(seed);
        } finally {
            Arrays.fill(seed, (byte) 0);
        }
    }

    /**
     * Puts the next key with its certificate in this one's place, durably and at once.
     *
     * @throws SignatureRefusedException if the enrolment authority did not sign it
     * @throws IOException if it is not of the next key and of this very device
     */
    void renew(Signed offered, String population) throws IOException, SignatureRefusedException {
        byte[] seed = nextFile.read().orElseThrow(() -> new IOException("there is no next key"));
        try {
            LazyKey next = new LazyKey(SecretBytes.of(seed));
            DeviceCertificate content = content(offered, next.key(), population);
            if (!deviceId().equals(Optional.of(content.getDeviceId()))) {
                next.close();
                throw new IOException("the enrolment authority answered with a certificate for someone else");
            }
            file.write(Frames.join(List.of(seed, offered.toByteArray())));
            Held old = held;
            held = new Held(next, Optional.of(offered));
            old.lazyKey().close();
            nextFile.delete();
        } finally {
            Arrays.fill(seed, (byte) 0);
        }
    }

    /** Who we are in a round; empty if the device holds no certificate that is valid now. */
    public Optional<Member> member(String population, Instant now) throws IOException {
        Held current = held;
        if (current.certificate().isEmpty()) {
            return Optional.empty();
        }
        Signed signed = current.certificate().get();
        try {
            DeviceCertificate content = DeviceCertificate.parseFrom(
                    SignedMessages.verified(signed, authority.get(), Purpose.DEVICE_CERTIFICATE));
            boolean valid = isOf(content, current.key())
                    && content.getPopulation().equals(population)
                    && content.getNotBeforeEpochSeconds() <= now.getEpochSecond()
                    && now.getEpochSecond() < content.getNotAfterEpochSeconds();
            return valid ? Optional.of(new Member(content.getDeviceId(), current.key(), signed)) : Optional.empty();
        } catch (SignatureRefusedException e) {
            return Optional.empty();
        }
    }

    /** Deletes the keys and the certificate from the disk. */
    public void delete() throws IOException {
        file.delete();
        nextFile.delete();
    }

    /** Wipes the key from memory. Closing twice is harmless. */
    @Override
    public void close() {
        held.lazyKey().close();
    }

    private DeviceCertificate content(Signed offered, SigningKey key, String population)
            throws IOException, SignatureRefusedException {
        DeviceCertificate content = DeviceCertificate.parseFrom(
                SignedMessages.verified(offered, authority.get(), Purpose.DEVICE_CERTIFICATE));
        if (!isOf(content, key) || !content.getPopulation().equals(population)) {
            throw new IOException("the enrolment authority answered with a certificate for someone else");
        }
        return content;
    }

    private static boolean isOf(DeviceCertificate content, SigningKey key) {
        return Arrays.equals(
                content.getSigningKey().toByteArray(), key.verifyingKey().bytes());
    }

    private static Optional<Signed> parse(byte[] stored) throws InvalidProtocolBufferException {
        return stored.length > 0 ? Optional.of(Signed.parseFrom(stored)) : Optional.empty();
    }
}
