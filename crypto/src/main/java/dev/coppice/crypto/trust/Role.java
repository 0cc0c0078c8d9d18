package dev.coppice.crypto.trust;

import java.util.Locale;

/** The roles of TUF that every repository has. */
public enum Role {
    /** Says which keys sign for which role. Offline. */
    ROOT(512 << 10),
    /** Says which files there are. Offline. */
    TARGETS(5 << 20),
    /** Says which versions of the metadata of targets belong together. Online. */
    SNAPSHOT(2 << 20),
    /** Says which snapshot is the latest. Online. */
    TIMESTAMP(16 << 10);

    private final int bytesMax;

    Role(int bytesMax) {
        this.bytesMax = bytesMax;
    }

    /** Longest metadata of this role, in bytes. */
    public int bytesMax() {
        return bytesMax;
    }

    /** As metadata calls it. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    static boolean isKey(String name) {
        for (Role role : values()) {
            if (role.key().equals(name)) {
                return true;
            }
        }
        return false;
    }
}
