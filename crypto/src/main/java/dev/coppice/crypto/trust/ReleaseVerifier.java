package dev.coppice.crypto.trust;

import dev.coppice.protocol.Identifiers;
import dev.coppice.protocol.release.PackFile;
import dev.coppice.protocol.release.ReleaseManifest;
import java.time.DateTimeException;
import java.time.Instant;

/**
 * Turns an offered release into a verified one. The rules, in order: signed by enough release keys; for this skill;
 * for this base model; above every version seen; not expired; files within limits. Nothing of an unsigned offer is
 * looked at. The order follows the TUF specification, section 5. Immutable.
 */
public final class ReleaseVerifier {
    /** Most files of a pack. */
    public static final int FILES_MAX = 16;

    /** Longest file of a pack, in bytes. */
    public static final int FILE_BYTES_MAX = 1 << 26;

    private static final String NAME = "[a-z0-9_]+([.-][a-z0-9_]+)*";
    private static final int NAME_LENGTH_MAX = 64;

    private final ReleaseKeys keys;
    private final String skill;
    private final String baseModelSha256;

    /**
     * @param keys pinned when the app was built
     * @param baseModelSha256 of the model on this device, 64 hexadecimal digits in lower case
     */
    public ReleaseVerifier(ReleaseKeys keys, String skill, String baseModelSha256) {
        this.keys = keys;
        this.skill = skill;
        this.baseModelSha256 = baseModelSha256;
    }

    /**
     * Applies all rules.
     *
     * @param versionSeen highest version that this device ever verified; 0 if none
     * @param now the moment that expiry is judged against
     * @throws ReleaseRefusedException naming the first rule that failed
     */
    public VerifiedRelease verify(OfferedRelease offer, long versionSeen, Instant now) throws ReleaseRefusedException {
        if (!keys.signed(offer.signedBytes(), offer.signatures())) {
            throw new ReleaseRefusedException.Unsigned();
        }
        ReleaseManifest manifest = offer.manifest();
        if (!manifest.getSkill().equals(skill)) {
            throw new ReleaseRefusedException.WrongSkill(skill, manifest.getSkill());
        }
        if (!manifest.getBaseModelSha256().equals(baseModelSha256)) {
            throw new ReleaseRefusedException.WrongBaseModel(baseModelSha256, manifest.getBaseModelSha256());
        }
        if (manifest.getVersion() <= versionSeen) { // a version above 2^63 is negative, and refused as well
            throw new ReleaseRefusedException.RolledBack(versionSeen, manifest.getVersion());
        }
        Instant expires = expiry(manifest);
        if (!now.isBefore(expires)) {
            throw new ReleaseRefusedException.Expired(expires, now);
        }
        checkLimits(manifest);
        return new VerifiedRelease(manifest);
    }

    private static Instant expiry(ReleaseManifest manifest) throws ReleaseRefusedException {
        try {
            return Instant.ofEpochSecond(manifest.getExpiresEpochSeconds());
        } catch (DateTimeException e) {
            throw new ReleaseRefusedException.Malformed("no such time of expiry");
        }
    }

    private static void checkLimits(ReleaseManifest manifest) throws ReleaseRefusedException {
        if (manifest.getFilesCount() < 1 || manifest.getFilesCount() > FILES_MAX) {
            throw new ReleaseRefusedException.OverLimit("1 to " + FILES_MAX + " files");
        }
        String last = "";
        for (PackFile file : manifest.getFilesList()) {
            if (file.getName().length() > NAME_LENGTH_MAX || !file.getName().matches(NAME)) {
                throw new ReleaseRefusedException.OverLimit("a file's name");
            }
            if (file.getName().compareTo(last) <= 0) {
                throw new ReleaseRefusedException.OverLimit("files ascend by name");
            }
            if (file.getBytes() < 0 || file.getBytes() > FILE_BYTES_MAX) {
                throw new ReleaseRefusedException.OverLimit("a file of more than " + FILE_BYTES_MAX + " bytes");
            }
            if (!Identifiers.isSha256(file.getSha256())) {
                throw new ReleaseRefusedException.OverLimit("a hash is 64 hexadecimal digits");
            }
            last = file.getName();
        }
    }
}
