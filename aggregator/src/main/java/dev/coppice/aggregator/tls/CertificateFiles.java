package dev.coppice.aggregator.tls;

import dev.coppice.crypto.Sha256;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.ssl.CertificateProvider;
import io.micronaut.scheduling.annotation.Scheduled;
import jakarta.inject.Named;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Files;
import java.security.KeyStore;
import java.util.Arrays;
import org.reactivestreams.Publisher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Sinks;

/**
 * Looks every two seconds whether the files hold something else, whoever replaced them and however: a link that turns, as in a
 * mounted secret, tells no watcher. New connections get the new certificate; those that are open stay. What cannot be used is
 * logged once and passed over.
 */
@Singleton
@Named(CertificateFiles.NAME)
@Requires(beans = TlsSettings.class)
final class CertificateFiles implements CertificateProvider {
    static final String NAME = "files";

    private static final Logger LOG = LoggerFactory.getLogger(CertificateFiles.class);

    private final TlsSettings settings;
    private final Sinks.Many<KeyStore> pairs = Sinks.many().replay().latest();
    private String seenSha256 = "";

    /** @throws IOException if the files do not hold what they should */
    CertificateFiles(TlsSettings settings) throws IOException {
        this.settings = settings;
        try {
            load();
        } catch (IOException e) {
            throw new IOException(
                    "No TLS with " + settings.certificate() + " and " + settings.key() + ": " + e.getMessage(), e);
        }
    }

    @Scheduled(fixedDelay = "2s")
    void reload() {
        try {
            if (load()) {
                LOG.info("New connections get the certificate that is in {} now", settings.certificate());
            }
        } catch (IOException e) {
            LOG.error(
                    "What is in {} and {} now is not used, but what was there before: {}",
                    settings.certificate(),
                    settings.key(),
                    e.getMessage());
        }
    }

    /** @return whether there was anything new */
    private synchronized boolean load() throws IOException {
        byte[] certificate = Files.readAllBytes(settings.certificateFile());
        byte[] key = Files.readAllBytes(settings.keyFile());
        try {
            String sha256 = Sha256.hex(certificate) + Sha256.hex(key);
            if (sha256.equals(seenSha256)) {
                return false;
            }
            seenSha256 = sha256;
            pairs.tryEmitNext(PemPair.read(certificate, key)).orThrow();
            return true;
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    @Override
    public Publisher<KeyStore> getKeyStore() {
        return pairs.asFlux();
    }

    @Override
    public String getName() {
        return NAME;
    }
}
