package dev.coppice.crypto.trust;

import java.time.Instant;

/** An offered release that breaks a rule; one subtype per rule, in the order in which they are checked. */
public abstract sealed class ReleaseRefusedException extends Exception {
    private ReleaseRefusedException(String message) {
        super(message);
    }

    /** It is no release at all: not the message it should be, or a field is out of range. */
    public static final class Malformed extends ReleaseRefusedException {
        Malformed(String what) {
            super("the offer is malformed: " + what);
        }
    }

    /** Fewer release keys than needed signed it. */
    public static final class Unsigned extends ReleaseRefusedException {
        Unsigned() {
            super("not signed by enough of the pinned release keys");
        }
    }

    /** It is a release of another skill. */
    public static final class WrongSkill extends ReleaseRefusedException {
        WrongSkill(String expected, String offered) {
            super("a pack for the skill " + offered + ", not " + expected);
        }
    }

    /** It goes with another base model. */
    public static final class WrongBaseModel extends ReleaseRefusedException {
        WrongBaseModel(String expected, String offered) {
            super("a pack for the base model " + offered + ", not " + expected);
        }
    }

    /** It is older than a version this device has seen. */
    public static final class RolledBack extends ReleaseRefusedException {
        RolledBack(long installed, long offered) {
            super("version " + offered + " is not above version " + installed);
        }
    }

    /** Its time is over. */
    public static final class Expired extends ReleaseRefusedException {
        Expired(Instant expires, Instant now) {
            super("expired at " + expires + ", it is " + now);
        }
    }

    /** It has too many files, too large ones, or a name twice. */
    public static final class OverLimit extends ReleaseRefusedException {
        OverLimit(String what) {
            super("over a limit: " + what);
        }
    }

    /** A file is not the one that was signed. */
    public static final class FileDiffers extends ReleaseRefusedException {
        FileDiffers(String name, String what) {
            super("the file " + name + " is not what was signed: " + what);
        }
    }
}
