package dev.coppice.aggregator.tls;

import io.micronaut.context.annotation.ConfigurationProperties;
import io.micronaut.context.annotation.Requires;
import jakarta.validation.constraints.NotBlank;
import java.nio.file.Path;

/**
 * What the server shows of itself. Without these it speaks plain HTTP.
 *
 * @param certificate file of the certificate and what leads from it to an authority, in this order, in PEM
 * @param key file of its private key, PKCS #8 in PEM, not encrypted
 */
@ConfigurationProperties(TlsSettings.PREFIX)
@Requires(property = TlsSettings.PREFIX + ".certificate")
record TlsSettings(@NotBlank String certificate, @NotBlank String key) {
    static final String PREFIX = "coppice.tls";

    Path certificateFile() {
        return Path.of(certificate);
    }

    Path keyFile() {
        return Path.of(key);
    }
}
