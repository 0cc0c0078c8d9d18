package dev.coppice.aggregator.store.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coppice.aggregator.store.BlobContract;
import dev.coppice.aggregator.store.BlobStore;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import org.gaul.s3proxy.AuthenticationType;
import org.gaul.s3proxy.S3Proxy;
import org.jclouds.ContextBuilder;
import org.jclouds.blobstore.BlobStoreContext;
import org.jclouds.filesystem.reference.FilesystemConstants;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a real server that speaks S3, with real credentials. */
class S3BlobsTest extends BlobContract {
    @TempDir
    static Path server;

    private static S3Proxy proxy;
    private static BlobStoreContext context;
    private int caches;

    @BeforeAll
    static void start() throws Exception {
        System.setProperty("aws.accessKeyId", "coppice");
        System.setProperty("aws.secretAccessKey", "secret-of-the-test");
        Properties folder = new Properties();
        folder.setProperty(FilesystemConstants.PROPERTY_BASEDIR, server.toString());
        context = ContextBuilder.newBuilder("filesystem")
                .credentials("coppice", "secret-of-the-test")
                .overrides(folder)
                .build(BlobStoreContext.class);
        proxy = S3Proxy.builder()
                .blobStore(context.getBlobStore())
                .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, "coppice", "secret-of-the-test")
                .endpoint(URI.create("http://127.0.0.1:0"))
                .build();
        proxy.start();
        Files.createDirectories(server.resolve("bucket"));
    }

    @AfterAll
    static void stop() throws Exception {
        proxy.stop();
        context.close();
    }

    @Override
    protected BlobStore open() {
        return blobs("s3://bucket/some/prefix");
    }

    @Override
    protected void damage(String sha256) throws IOException {
        Files.write(server.resolve("bucket/some/prefix/" + sha256), new byte[] {1, 2, 4});
    }

    private S3Blobs blobs(String address) {
        String endpoint = "http://127.0.0.1:" + proxy.getPort();
        return S3Blobs.open(S3Address.of(address), endpoint, "us-east-1", home.resolve("cache" + caches++));
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

    @Test
    void aBucketThatIsNotThereIsAnError() {
        try (S3Blobs blobs = blobs("s3://none")) {
            assertThatThrownBy(() -> blobs.put(new byte[] {1})).isInstanceOf(IOException.class);
        }
    }

    @Test
    void addressesAreBucketAndPrefix() {
        assertThat(S3Address.of("s3://b")).isEqualTo(new S3Address("b", ""));
        assertThat(S3Address.of("s3://b/c/d/")).isEqualTo(new S3Address("b", "c/d/"));
        assertThatThrownBy(() -> S3Address.of("/mnt/blobs")).isInstanceOf(IllegalArgumentException.class);
    }
}
