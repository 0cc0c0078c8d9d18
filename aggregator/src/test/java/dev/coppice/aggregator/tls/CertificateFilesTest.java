package dev.coppice.aggregator.tls;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.coppice.testkit.ServerIdentity;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class CertificateFilesTest {
    @TempDir
    private Path folder;

    private final Logger logger = (Logger) LoggerFactory.getLogger(CertificateFiles.class);
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @BeforeEach
    void listen() {
        log.start();
        logger.addAppender(log);
    }

    @AfterEach
    void stop() {
        logger.detachAppender(log);
    }

    /** It looks every two seconds: whatever is logged each time fills the log. */
    @Test
    void whatChangedIsLoggedOnceAndWhatIsTheSameNever() throws Exception {
        Path chain = folder.resolve("chain.pem");
        Path key = folder.resolve("key.pem");
        ServerIdentity first = ServerIdentity.make(folder, "first", "EC");
        ServerIdentity second = ServerIdentity.make(folder, "second", "EC");
        first.writeCertificate(chain);
        first.writeKey(key);
        CertificateFiles files = new CertificateFiles(new TlsSettings(chain.toString(), key.toString()));
        lookThrice(files);
        assertThat(log.list).isEmpty();
        second.writeCertificate(chain);
        lookThrice(files);
        assertThat(log.list).singleElement().asString().contains("is not used, but what was there before");
        second.writeKey(key);
        lookThrice(files);
        assertThat(log.list).hasSize(2).last().asString().contains("New connections get the certificate");
    }

    private static void lookThrice(CertificateFiles files) {
        for (int i = 0; i < 3; i++) {
            files.reload();
        }
    }
}
