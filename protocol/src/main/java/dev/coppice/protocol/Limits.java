package dev.coppice.protocol;

/** Upper bounds that every part keeps, so that no message can make its reader allocate without end. */
public final class Limits {
    /** Characters of an identifier; see {@link Identifiers}. */
    public static final int IDENTIFIER_CHARS_MAX = 64;

    /** Bytes inside a {@link Signed}: terms, certificates and survivors are all below it. */
    public static final int PAYLOAD_BYTES_MAX = 64 * 1024;

    /** Bytes of the JSON of a training kit's specification inside the terms of a round. */
    public static final int KIT_SPEC_BYTES_MAX = 16 * 1024;

    /** Devices in one cohort. */
    public static final int COHORT_SIZE_MAX = 10_000;

    /** Classes of devices that a round of metrics tells apart. */
    public static final int DEVICE_CLASSES_MAX = 63;

    /** Rounds of one device that are counted. */
    public static final int PARTICIPATIONS_MAX = 1_000_000;

    /** Values in one update, before padding; the next power of two is the same. */
    public static final int DIMENSION_MAX = 1 << 23;

    /** Bits of one value of a masked input. */
    public static final int VALUE_BITS_MIN = 8;

    public static final int VALUE_BITS_MAX = 32;

    /** Bytes of the certificate of a device. */
    public static final int CERTIFICATE_BYTES_MAX = 1024;

    /** Bytes of one advertisement: a certificate, keys, hashes and a signature; two keys of ML-KEM-768 are most of it. */
    public static final int ADVERTISEMENT_BYTES_MAX = 4 * 1024;

    /** Bytes of a message of one step of a round, other than a masked input: a roster of 2,000 neighbours with hybrid keys fits. */
    public static final int ROUND_MESSAGE_BYTES_MAX = 8 * 1024 * 1024;

    /** Bytes of a masked input: {@link #DIMENSION_MAX} values of {@link #VALUE_BITS_MAX} bits, and some framing. */
    public static final int MASKED_INPUT_BYTES_MAX = DIMENSION_MAX * (VALUE_BITS_MAX / 8) + 1024;

    /** Bytes of any request of an enrolled device; its payload is bounded again by the step that takes it. */
    public static final int REQUEST_BYTES_MAX = MASKED_INPUT_BYTES_MAX + 1024;

    private Limits() {}
}
