package dev.coppice.agent.store;

import java.util.zip.CRC32C;

/** Sums that tell a torn or damaged file from a whole one. */
final class Checksums {
    private Checksums() {}

    /** CRC-32C (Castagnoli) of a record's length and payload. */
    static int crc(int length, byte[] payload, int offset) {
        CRC32C crc = new CRC32C();
        for (int shift = 24; shift >= 0; shift -= 8) {
            crc.update(length >>> shift);
        }
        crc.update(payload, offset, length);
        return (int) crc.getValue();
    }
}
