package dev.coppice.crypto.trust;

import dev.coppice.protocol.codec.MessageMalformedException;
import dev.coppice.protocol.codec.Messages;
import dev.coppice.protocol.release.KeySignature;
import dev.coppice.protocol.release.ReleaseManifest;
import dev.coppice.protocol.release.SignedRelease;
import java.util.List;

/** A release as it came from the network: well-formed, and believed by nobody. Immutable. */
public final class OfferedRelease {
    /** Longest offer in bytes, signatures included. */
    public static final int BYTES_MAX = 1 << 16;

    private static final int SIGNATURES_MAX = 16;

    private final SignedRelease signed;
    private final ReleaseManifest manifest;

    private OfferedRelease(SignedRelease signed, ReleaseManifest manifest) {
        this.signed = signed;
        this.manifest = manifest;
    }

    /**
     * Reads a {@link SignedRelease}.
     *
     * @throws ReleaseRefusedException.Malformed if it is none
     */
    public static OfferedRelease parse(byte[] bytes) throws ReleaseRefusedException.Malformed {
        try {
            SignedRelease signed = Messages.parse(SignedRelease.parser(), bytes, BYTES_MAX);
            if (signed.getSignaturesCount() > SIGNATURES_MAX) {
                throw new ReleaseRefusedException.Malformed("more than " + SIGNATURES_MAX + " signatures");
            }
            return new OfferedRelease(
                    signed, Messages.parse(ReleaseManifest.parser(), signed.getManifest(), BYTES_MAX));
        } catch (MessageMalformedException e) {
            throw new ReleaseRefusedException.Malformed("not a signed release");
        }
    }

    /** The version it claims; says nothing until the release is verified. */
    public long unverifiedVersion() {
        return manifest.getVersion();
    }

    byte[] signedBytes() {
        return signed.getManifest().toByteArray();
    }

    List<KeySignature> signatures() {
        return signed.getSignaturesList();
    }

    ReleaseManifest manifest() {
        return manifest;
    }
}
