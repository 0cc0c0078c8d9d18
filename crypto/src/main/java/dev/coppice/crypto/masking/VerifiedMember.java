package dev.coppice.crypto.masking;

import com.google.protobuf.ByteString;
import dev.coppice.crypto.Sha256;
import dev.coppice.crypto.internal.Agreement;
import dev.coppice.crypto.internal.MlKem;
import dev.coppice.crypto.masking.RoundRefusedException.Rule;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.protocol.Signed;
import dev.coppice.protocol.round.Advertisement;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** A member of a cohort whose certificate and keys of the round are signed as they must be. */
final class VerifiedMember {
    static final int NONCE_BYTES = 32;

    private final Credential credential;
    private final Advertisement advertisement;

    private VerifiedMember(Credential credential, Advertisement advertisement) {
        this.credential = credential;
        this.advertisement = advertisement;
    }

    /** @throws RoundRefusedException if a signature or length is wrong, or it is of another round */
    static VerifiedMember verify(VerifiedTerms terms, Advertisement message, Peers peers) throws RoundRefusedException {
        Credential credential = Credential.verify(message.getCertificate(), peers);
        boolean wellFormed = message.getRoundId().equals(terms.roundId())
                && message.getSealingKey().size() == Agreement.KEY_BYTES
                && message.getMaskingKey().size() == Agreement.KEY_BYTES
                && message.getSealingKemKey().size() == kemKeyBytes(terms)
                && message.getMaskingKemKey().size() == kemKeyBytes(terms)
                && message.getNonceSha256().size() == Sha256.BYTES
                && message.getSelfMaskCheck().size() == Sha256.BYTES;
        byte[] signed = signedBytes(terms.hash(), message);
        byte[] signature = message.getSignature().toByteArray();
        if (!wellFormed || !peers.reckoning().verifies(credential.key(), Purpose.ADVERTISEMENT, signed, signature)) {
            throw new RoundRefusedException(Rule.ADVERTISEMENT, "of device " + credential.deviceId());
        }
        return new VerifiedMember(credential, message);
    }

    private static int kemKeyBytes(VerifiedTerms terms) {
        return terms.hybrid() ? MlKem.PUBLIC_BYTES : 0;
    }

    /** Of an advertisement that was verified before it was stored. */
    static VerifiedMember unverified(Advertisement message) throws RoundRefusedException {
        return new VerifiedMember(Credential.unverified(message.getCertificate()), message);
    }

    /** What the certified key signs: all of a length that the terms fix, in the order of the fields. */
    static byte[] signedBytes(byte[] termsHash, Advertisement message) {
        return ByteString.copyFrom(termsHash)
                .concat(message.getSealingKey())
                .concat(message.getMaskingKey())
                .concat(message.getNonceSha256())
                .concat(message.getSelfMaskCheck())
                .concat(message.getSealingKemKey())
                .concat(message.getMaskingKemKey())
                .toByteArray();
    }

    /** The member's leaf in the tree over the cohort. */
    static byte[] leaf(Advertisement message) {
        return leaf(message.getCertificate(), ByteString.copyFrom(keysHash(message)));
    }

    /** The same where only the hash of the keys is known. */
    static byte[] leaf(Signed certificate, ByteString keysSha256) {
        return ByteString.copyFrom(Sha256.hash(certificate.toByteArray()))
                .concat(keysSha256)
                .toByteArray();
    }

    /** The hash of all of an advertisement but its certificate. */
    static byte[] keysHash(Advertisement message) {
        return Sha256.hash(message.toBuilder().clearCertificate().build().toByteArray());
    }

    Credential credential() {
        return credential;
    }

    String deviceId() {
        return credential.deviceId();
    }

    Advertisement advertisement() {
        return advertisement;
    }

    byte[] sealingKey() {
        return advertisement.getSealingKey().toByteArray();
    }

    byte[] maskingKey() {
        return advertisement.getMaskingKey().toByteArray();
    }

    byte[] sealingKemKey() {
        return advertisement.getSealingKemKey().toByteArray();
    }

    byte[] maskingKemKey() {
        return advertisement.getMaskingKemKey().toByteArray();
    }

    /** All public keys of a device, none of which another member may have. */
    static List<ByteString> keys(Credential credential, Advertisement message) {
        return Stream.of(
                        ByteString.copyFrom(credential.key().bytes()),
                        message.getSealingKey(),
                        message.getMaskingKey(),
                        message.getSealingKemKey(),
                        message.getMaskingKemKey())
                .filter(key -> !key.isEmpty())
                .toList();
    }

    /** Whether this is the nonce that the member is bound to, opened by it for the cohort of this root. */
    static boolean opens(
            Reckoning reckoning,
            byte[] termsHash,
            byte[] root,
            Credential credential,
            Advertisement message,
            byte[] nonce,
            byte[] signature) {
        return nonce.length == NONCE_BYTES
                && Arrays.equals(message.getNonceSha256().toByteArray(), Sha256.hash(nonce))
                && reckoning.verifies(
                        credential.key(), Purpose.NONCE_OPENING, Beacon.signedNonce(termsHash, root, nonce), signature);
    }

    byte[] selfMaskCheck() {
        return advertisement.getSelfMaskCheck().toByteArray();
    }
}
