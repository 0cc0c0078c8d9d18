package dev.coppice.aggregator.store.s3;

import java.net.URI;

/**
 * Where blobs are: {@code s3://bucket/prefix}.
 *
 * @param prefix of the keys, ending in a slash; empty for none
 */
public record S3Address(String bucket, String prefix) {
    public static final String SCHEME = "s3://";

    /**
     * The place that a text names.
     *
     * @throws IllegalArgumentException if it names none
     */
    public static S3Address of(String text) {
        URI uri = URI.create(text);
        String bucket = uri.getHost();
        if (!text.startsWith(SCHEME) || bucket == null) {
            throw new IllegalArgumentException("blobs in an object store are at s3://bucket/prefix");
        }
        String path = uri.getPath().replaceAll("^/+|/+$", "");
        return new S3Address(bucket, path.isEmpty() ? "" : path + "/");
    }
}
