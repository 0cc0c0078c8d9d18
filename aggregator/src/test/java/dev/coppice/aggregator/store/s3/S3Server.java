package dev.coppice.aggregator.store.s3;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import org.gaul.s3proxy.AuthenticationType;
import org.gaul.s3proxy.S3Proxy;
import org.jclouds.ContextBuilder;
import org.jclouds.blobstore.BlobStoreContext;
import org.jclouds.filesystem.reference.FilesystemConstants;

/** A real server that speaks S3, with real credentials. A bucket is a folder of its folder, an object a file of that. */
public final class S3Server implements AutoCloseable {
    static final String KEY = "coppice";
    static final String SECRET = "secret-of-the-test";

    private final Path folder;
    private final BlobStoreContext context;
    private final S3Proxy proxy;

    public S3Server(Path folder) throws Exception {
        this.folder = folder;
        Properties place = new Properties();
        place.setProperty(FilesystemConstants.PROPERTY_BASEDIR, folder.toString());
        context = ContextBuilder.newBuilder("filesystem")
                .credentials(KEY, SECRET)
                .overrides(place)
                .build(BlobStoreContext.class);
        proxy = S3Proxy.builder()
                .blobStore(context.getBlobStore())
                .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, KEY, SECRET)
                .endpoint(URI.create("http://127.0.0.1:0"))
                .build();
        proxy.start();
    }

    /** A new bucket's folder. */
    public Path bucket(String name) throws IOException {
        return Files.createDirectories(folder.resolve(name));
    }

    String endpoint() {
        return "http://127.0.0.1:" + proxy.getPort();
    }

    /** What an aggregator's process needs to be told. */
    public Map<String, String> environment() {
        return Map.of("COPPICE_S3_ENDPOINT", endpoint(), "AWS_ACCESS_KEY_ID", KEY, "AWS_SECRET_ACCESS_KEY", SECRET);
    }

    @Override
    public void close() {
        try {
            proxy.stop();
        } catch (Exception e) {
            throw new IllegalStateException("The server does not stop", e);
        } finally {
            context.close();
        }
    }
}
