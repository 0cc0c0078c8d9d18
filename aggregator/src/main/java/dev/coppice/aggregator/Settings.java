package dev.coppice.aggregator;

import io.micronaut.context.annotation.ConfigurationProperties;
import io.micronaut.core.bind.annotation.Bindable;
import jakarta.validation.constraints.NotBlank;
import java.nio.file.Path;
import java.time.Duration;

/**
 * How an aggregator runs.
 *
 * @param home folder of all its state; made if it is missing
 * @param secrets folder of the keys and the operator's token; empty for that of {@code home}
 * @param blobs folder of adapters and pack files, or {@code s3://bucket/prefix}; empty for {@code blobs} in {@code home}
 * @param s3Endpoint of an object store other than Amazon's; empty for Amazon's
 * @param s3Region of the object store
 * @param tick how often deadlines are looked at
 * @param pollHold how long a device's poll is held open at most
 */
@ConfigurationProperties("coppice")
record Settings(
        @NotBlank @Bindable(defaultValue = "coppice-aggregator")
        String home,

        @Bindable(defaultValue = "") String secrets,
        @Bindable(defaultValue = "") String blobs,
        @Bindable(defaultValue = "") String s3Endpoint,
        @Bindable(defaultValue = "us-east-1") String s3Region,
        @Bindable(defaultValue = "200ms") Duration tick,
        @Bindable(defaultValue = "10s") Duration pollHold) {
    Path homeFolder() {
        return Path.of(home);
    }

    Path secretsFolder() {
        return secrets.isEmpty() ? homeFolder() : Path.of(secrets);
    }

    Path blobsFolder() {
        return blobs.isEmpty() ? homeFolder().resolve("blobs") : Path.of(blobs);
    }
}
