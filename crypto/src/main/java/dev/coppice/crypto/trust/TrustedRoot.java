package dev.coppice.crypto.trust;

/** Root metadata that is believed, with the file it came in. Immutable. */
public final class TrustedRoot {
    private final RootMetadata metadata;
    private final byte[] file;

    private TrustedRoot(RootMetadata metadata, byte[] file) {
        this.metadata = metadata;
        this.file = file;
    }

    /**
     * The root that an app is built with, or a device has kept.
     *
     * @throws MetadataRefusedException if it is none, or its own root keys did not sign it
     */
    public static TrustedRoot pinned(byte[] file) throws MetadataRefusedException {
        return read(file).bySelf();
    }

    /**
     * The next root, signed by the root keys of this one and by its own (TUF specification, section 5.3.4 to 5.3.5).
     *
     * @throws MetadataRefusedException if it is not
     */
    public TrustedRoot next(byte[] offered) throws MetadataRefusedException {
        TrustedRoot next = read(offered);
        if (!SignedFile.parse(offered).isSignedBy(metadata.keys(Role.ROOT))) {
            throw new MetadataRefusedException.Unsigned(Role.ROOT.key());
        }
        next.bySelf();
        if (next.metadata.version() < metadata.version() + 1) {
            throw new MetadataRefusedException.RolledBack(Role.ROOT.key(), metadata.version(), next.metadata.version());
        }
        if (next.metadata.version() != metadata.version() + 1) {
            throw new MetadataRefusedException.Mismatched(Role.ROOT.key(), "a version is left out");
        }
        return next;
    }

    public RootMetadata metadata() {
        return metadata;
    }

    /** A copy of the file. */
    public byte[] file() {
        return file.clone();
    }

    private static TrustedRoot read(byte[] file) throws MetadataRefusedException {
        if (file.length > Role.ROOT.bytesMax()) {
            throw new MetadataRefusedException.TooLong(Role.ROOT.key(), Role.ROOT.bytesMax());
        }
        return new TrustedRoot(RootMetadata.read(SignedFile.parse(file)), file.clone());
    }

    private TrustedRoot bySelf() throws MetadataRefusedException {
        if (!SignedFile.parse(file).isSignedBy(metadata.keys(Role.ROOT))) {
            throw new MetadataRefusedException.Unsigned(Role.ROOT.key());
        }
        return this;
    }
}
