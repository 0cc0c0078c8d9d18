package dev.coppice.crypto.masking;

import dev.coppice.crypto.masking.RoundRefusedException.Rule;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.VerifyingKey;
import dev.coppice.protocol.Identifiers;
import dev.coppice.protocol.Limits;
import dev.coppice.protocol.Signed;
import dev.coppice.protocol.codec.MessageMalformedException;
import dev.coppice.protocol.codec.Messages;
import dev.coppice.protocol.enrolment.DeviceCertificate;
import java.security.InvalidKeyException;
import java.time.Instant;

/**
 * What a certificate says about a device.
 *
 * @param notBefore first moment of validity
 * @param notAfter first moment after it
 */
record Credential(String deviceId, String population, VerifyingKey key, Instant notBefore, Instant notAfter) {
    static Credential verify(Signed certificate, Peers peers) throws RoundRefusedException {
        byte[] payload = certificate.getPayload().toByteArray();
        byte[] signature = certificate.getSignature().toByteArray();
        if (!peers.reckoning().verifies(peers.authority(), Purpose.DEVICE_CERTIFICATE, payload, signature)) {
            throw refused("not signed by the enrolment authority");
        }
        return unverified(certificate);
    }

    static Credential unverified(Signed certificate) throws RoundRefusedException {
        try {
            DeviceCertificate read =
                    Messages.parse(DeviceCertificate.parser(), certificate.getPayload(), Limits.CERTIFICATE_BYTES_MAX);
            if (!Identifiers.isIdentifier(read.getDeviceId()) || !Identifiers.isIdentifier(read.getPopulation())) {
                throw refused("malformed identifiers");
            }
            return new Credential(
                    read.getDeviceId(),
                    read.getPopulation(),
                    VerifyingKey.of(read.getSigningKey().toByteArray()),
                    instant(read.getNotBeforeEpochSeconds()),
                    instant(read.getNotAfterEpochSeconds()));
        } catch (MessageMalformedException | InvalidKeyException malformed) {
            throw refused("malformed");
        }
    }

    private static Instant instant(long epochSeconds) throws RoundRefusedException {
        if (epochSeconds < 0 || epochSeconds > Instant.MAX.getEpochSecond()) {
            throw refused("validity out of range");
        }
        return Instant.ofEpochSecond(epochSeconds);
    }

    private static RoundRefusedException refused(String facts) {
        return new RoundRefusedException(Rule.CERTIFICATE, facts);
    }
}
