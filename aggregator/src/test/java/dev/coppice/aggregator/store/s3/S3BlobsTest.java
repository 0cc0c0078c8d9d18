package dev.coppice.aggregator.store.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coppice.aggregator.store.BlobContract;
import dev.coppice.aggregator.store.BlobStore;
import dev.coppice.aggregator.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class S3BlobsTest extends BlobContract {
    @TempDir
    static Path folder;

    private static S3Server server;
    private static Path bucket;
    private int caches;

    @BeforeAll
    static void start() throws Exception {
        System.setProperty("aws.accessKeyId", S3Server.KEY);
        System.setProperty("aws.secretAccessKey", S3Server.SECRET);
        server = new S3Server(folder);
        bucket = server.bucket("bucket");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Override
    protected BlobStore open() {
        return blobs("s3://bucket/some/prefix");
    }

    @Override
    protected void damage(String sha256) throws IOException {
        Files.write(bucket.resolve("some/prefix/" + sha256), new byte[] {1, 2, 4});
    }

    private S3Blobs blobs(String address) {
        return S3Blobs.open(S3Address.of(address), server.endpoint(), "us-east-1", home.resolve("cache" + caches++));
    }

    @Test
    void whatOneProcessStoredAnotherFinds() throws Exception {
        String sha256;
        try (S3Blobs one = blobs("s3://bucket/shared")) {
            sha256 = one.put(new byte[] {5, 6});
        }
        try (S3Blobs other = blobs("s3://bucket/shared/");
                S3Blobs elsewhere = blobs("s3://bucket")) {
            assertThat(other.find(sha256))
                    .hasValueSatisfying(file -> assertThat(file).hasBinaryContent(new byte[] {5, 6}));
            assertThat(elsewhere.find(sha256)).isEmpty();
        }
    }

    /** Else a round would begin without its candidate, and a device would be told that a pack is gone. */
    @Test
    void whatCannotBeAskedForIsNotAbsent() {
        try (S3Blobs blobs = blobs("s3://none")) {
            assertUnreachable(blobs);
        }
        System.setProperty("aws.secretAccessKey", "another");
        try (S3Blobs blobs = blobs("s3://bucket/some/prefix")) {
            assertUnreachable(blobs);
        } finally {
            System.setProperty("aws.secretAccessKey", S3Server.SECRET);
        }
    }

    private static void assertUnreachable(S3Blobs blobs) {
        String sha256 = "0".repeat(64);
        assertThatThrownBy(() -> blobs.find(sha256)).isInstanceOf(StoreException.class);
        assertThatThrownBy(() -> blobs.read(sha256)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> blobs.put(new byte[] {1})).isInstanceOf(IOException.class);
        assertThatThrownBy(blobs::all).isInstanceOf(IOException.class);
    }

    /** A server gives a thousand at a time. */
    @Test
    void manyAreListedAndWhatOthersPutBesideThemIsNot() throws Exception {
        Path many = Files.createDirectories(bucket.resolve("many"));
        Set<String> names = new TreeSet<>();
        for (int i = 0; i < 1_001; i++) {
            String name = "%064x".formatted(i);
            names.add(name);
            Files.write(many.resolve(name), new byte[] {1});
        }
        String other = "f".repeat(64);
        Files.writeString(many.resolve("README"), "not a blob");
        Files.writeString(many.resolve(other.toUpperCase(Locale.ROOT)), "not a blob");
        Files.writeString(Files.createDirectories(many.resolve("deeper")).resolve(other), "not here");
        Files.writeString(Files.createDirectories(bucket.resolve("many-others")).resolve(other), "not here");
        try (S3Blobs blobs = blobs("s3://bucket/many")) {
            assertThat(blobs.all()).hasSize(names.size()).containsAll(names);
        }
    }

    @Test
    void whatTheStoreLostIsThereAgainOnceItIsStoredAgain() throws Exception {
        try (S3Blobs one = blobs("s3://bucket/lost");
                S3Blobs other = blobs("s3://bucket/lost")) {
            String sha256 = one.put(new byte[] {5, 6});
            Files.delete(bucket.resolve("lost").resolve(sha256));
            assertThat(other.find(sha256)).isEmpty();
            one.put(new byte[] {5, 6});
            assertThat(other.read(sha256)).isEqualTo(new byte[] {5, 6});
        }
    }

    /** Only a cache: the store has them all. */
    @Test
    void aCacheThatWasEmptiedIsFilledAgain() throws Exception {
        try (S3Blobs blobs = blobs("s3://bucket/emptied")) {
            String sha256 = blobs.put(new byte[] {5, 6});
            Files.delete(blobs.find(sha256).orElseThrow());
            assertThat(blobs.read(sha256)).isEqualTo(new byte[] {5, 6});
        }
    }

    @Test
    void addressesAreBucketAndPrefix() {
        assertThat(S3Address.of("s3://b")).isEqualTo(new S3Address("b", ""));
        assertThat(S3Address.of("s3://b/c/d/")).isEqualTo(new S3Address("b", "c/d/"));
        assertThatThrownBy(() -> S3Address.of("/mnt/blobs")).isInstanceOf(IllegalArgumentException.class);
    }
}
