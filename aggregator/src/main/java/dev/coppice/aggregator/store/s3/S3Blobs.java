package dev.coppice.aggregator.store.s3;

import dev.coppice.aggregator.store.BlobStore;
import dev.coppice.aggregator.store.StoreException;
import dev.coppice.aggregator.store.folder.BlobFolder;
import dev.coppice.crypto.Sha256;
import dev.coppice.protocol.Identifiers;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * Blobs as objects {@code <prefix><sha256>}. What was read or written once is kept in a folder, which may be emptied at any
 * time: other processes find what is in the store.
 */
public final class S3Blobs implements BlobStore, AutoCloseable {
    private final S3Client client;
    private final S3Address address;
    private final BlobFolder cache;

    private S3Blobs(S3Client client, S3Address address, BlobFolder cache) {
        this.client = client;
        this.address = address;
        this.cache = cache;
    }

    /**
     * Blobs at an address. Credentials are found where Amazon's clients look for them: {@code AWS_ACCESS_KEY_ID} and
     * {@code AWS_SECRET_ACCESS_KEY}, or the machine's role.
     *
     * @param endpoint of a server other than Amazon's; empty for Amazon's
     * @param cache folder of this process
     */
    public static S3Blobs open(S3Address address, String endpoint, String region, Path cache) {
        S3ClientBuilder builder = S3Client.builder()
                .region(Region.of(region))
                // what is stored is known by its hash; checksums on top are not understood by all servers
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED);
        if (!endpoint.isEmpty()) {
            builder.endpointOverride(URI.create(endpoint)).forcePathStyle(true);
        }
        return new S3Blobs(builder.build(), address, new BlobFolder(cache));
    }

    @Override
    public String put(byte[] bytes) throws IOException {
        String sha256 = Sha256.hex(bytes);
        try {
            client.putObject(
                    request -> request.bucket(address.bucket()).key(key(sha256)), RequestBody.fromBytes(bytes));
        } catch (SdkException e) {
            throw new IOException("Could not store blob " + sha256 + " in the object store", e);
        }
        return cache.put(bytes);
    }

    @Override
    public Optional<Path> find(String sha256) {
        if (!Identifiers.isSha256(sha256)) {
            return Optional.empty();
        }
        Optional<Path> known = cache.find(sha256);
        return known.isPresent() ? known : fetched(sha256);
    }

    private Optional<Path> fetched(String sha256) {
        try {
            byte[] bytes = client.getObjectAsBytes(
                            request -> request.bucket(address.bucket()).key(key(sha256)))
                    .asByteArrayUnsafe();
            if (!Sha256.hex(bytes).equals(sha256)) {
                throw new StoreException("Blob " + sha256 + " is damaged", new IOException("in the object store"));
            }
            return cache.find(cache.put(bytes));
        } catch (NoSuchKeyException e) {
            return Optional.empty();
        } catch (SdkException | IOException e) {
            throw new StoreException("Could not fetch blob " + sha256 + " from the object store", e);
        }
    }

    @Override
    public byte[] read(String sha256) throws IOException {
        try {
            if (find(sha256).isEmpty()) {
                throw new IOException("No blob " + sha256);
            }
        } catch (StoreException e) {
            throw new IOException(e.getMessage(), e);
        }
        return cache.read(sha256);
    }

    @Override
    public List<String> all() throws IOException {
        try {
            List<String> all = new ArrayList<>();
            client
                    .listObjectsV2Paginator(
                            request -> request.bucket(address.bucket()).prefix(address.prefix()))
                    .contents()
                    .stream()
                    .map(S3Object::key)
                    .map(key -> key.substring(address.prefix().length()))
                    .filter(Identifiers::isSha256)
                    .forEach(all::add);
            return all;
        } catch (SdkException e) {
            throw new IOException("Could not list the object store", e);
        }
    }

    private String key(String sha256) {
        return address.prefix() + sha256;
    }

    @Override
    public void close() {
        client.close();
    }
}
