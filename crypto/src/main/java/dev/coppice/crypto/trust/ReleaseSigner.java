package dev.coppice.crypto.trust;

import com.google.protobuf.ByteString;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.SigningKey;
import dev.coppice.protocol.release.KeySignature;
import dev.coppice.protocol.release.ReleaseManifest;
import dev.coppice.protocol.release.SignedRelease;
import java.util.List;

/** Signs releases. Runs where the release keys are, which is never the aggregator. */
public final class ReleaseSigner {
    private ReleaseSigner() {}

    /**
     * A release with one signature by each key.
     *
     * @param keys stay the caller's
     */
    public static SignedRelease sign(ReleaseManifest manifest, List<SigningKey> keys) {
        SignedRelease unsigned =
                SignedRelease.newBuilder().setManifest(manifest.toByteString()).build();
        SignedRelease signed = unsigned;
        for (SigningKey key : keys) {
            signed = addSignature(signed, key);
        }
        return signed;
    }

    /** The same release with one more signature: for keys that are never on one machine. */
    public static SignedRelease addSignature(SignedRelease release, SigningKey key) {
        byte[] signature = key.sign(Purpose.RELEASE, release.getManifest().toByteArray());
        return release.toBuilder()
                .addSignatures(KeySignature.newBuilder()
                        .setKeyId(ByteString.copyFrom(key.verifyingKey().keyId()))
                        .setSignature(ByteString.copyFrom(signature)))
                .build();
    }
}
