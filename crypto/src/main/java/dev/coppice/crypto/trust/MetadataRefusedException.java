package dev.coppice.crypto.trust;

import java.time.Instant;

/** Something that a repository served breaks a rule; one subtype per rule. The device goes on with what it has. */
public abstract sealed class MetadataRefusedException extends Exception {
    private MetadataRefusedException(String message) {
        super(message);
    }

    /** It is not the metadata it should be, or a field is out of range. */
    public static final class Malformed extends MetadataRefusedException {
        Malformed(String what) {
            super("malformed metadata: " + what);
        }
    }

    /** The repository lacks a file that it should have. */
    public static final class Missing extends MetadataRefusedException {
        public Missing(String file) {
            super("the repository has no " + file);
        }
    }

    /** It is longer than it may be. */
    public static final class TooLong extends MetadataRefusedException {
        public TooLong(String file, long bytesMax) {
            super(file + " has more than " + bytesMax + " bytes");
        }
    }

    /** Too few of the keys of its role signed it. */
    public static final class Unsigned extends MetadataRefusedException {
        Unsigned(String role) {
            super("not signed by enough keys of the role " + role);
        }
    }

    /** It is older than what this device has seen. */
    public static final class RolledBack extends MetadataRefusedException {
        public RolledBack(String role, long seen, long offered) {
            super("version " + offered + " of " + role + " is below version " + seen);
        }
    }

    /** It is not the version or the bytes that other metadata announced. */
    public static final class Mismatched extends MetadataRefusedException {
        public Mismatched(String file, String what) {
            super(file + " is not what was announced: " + what);
        }
    }

    /** Its time is over. */
    public static final class Expired extends MetadataRefusedException {
        Expired(String role, Instant expires, Instant now) {
            super(role + " expired at " + expires + ", it is " + now);
        }
    }
}
