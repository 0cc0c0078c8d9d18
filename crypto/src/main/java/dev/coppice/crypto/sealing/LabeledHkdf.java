package dev.coppice.crypto.sealing;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.coppice.crypto.internal.Hkdf;
import java.util.Arrays;

/** HKDF-SHA256 with the labels of RFC 9180, section 4. */
final class LabeledHkdf {
    private static final byte[] VERSION = "HPKE-v1".getBytes(US_ASCII);

    private final byte[] suite;

    /** @param suite what all labels of this suite begin with */
    LabeledHkdf(byte[] suite) {
        this.suite = suite.clone();
    }

    byte[] extract(byte[] salt, String label, byte[] keyMaterial) {
        return Hkdf.extract(salt, VERSION, suite, label.getBytes(US_ASCII), keyMaterial);
    }

    byte[] expand(byte[] key, int count, String label, byte[]... info) {
        byte[][] parts = new byte[4 + info.length][];
        parts[0] = new byte[] {(byte) (count >> Byte.SIZE), (byte) count};
        parts[1] = VERSION;
        parts[2] = suite;
        parts[3] = label.getBytes(US_ASCII);
        System.arraycopy(info, 0, parts, 4, info.length);
        return Hkdf.expand(key, count, parts);
    }

    static void wipe(byte[]... secrets) {
        for (byte[] secret : secrets) {
            Arrays.fill(secret, (byte) 0);
        }
    }
}
