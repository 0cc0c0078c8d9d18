package dev.coppice.aggregator.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coppice.testkit.ServerIdentity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.util.Arrays;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PemPairTest {
    @TempDir
    private Path folder;

    private static String pem(String type, byte[] der) {
        return "-----BEGIN " + type + "-----\n" + Base64.getMimeEncoder().encodeToString(der) + "\n-----END " + type
                + "-----\n";
    }

    /** Without the certificates in between, who knows the authority alone believes nothing. */
    @Test
    void allThatLeadsToTheAuthorityIsShown() throws Exception {
        ServerIdentity.Signed signed = ServerIdentity.signed(folder);
        byte[] chain = (pem("CERTIFICATE", signed.server().certificate().getEncoded())
                        + pem("CERTIFICATE", signed.authority().getEncoded()))
                .getBytes(StandardCharsets.US_ASCII);
        byte[] key = pem("PRIVATE KEY", signed.server().key().getEncoded()).getBytes(StandardCharsets.US_ASCII);
        KeyStore store = PemPair.read(chain, key);
        assertThat(store.getCertificateChain("server"))
                .containsExactly(signed.server().certificate(), signed.authority());
        assertThat(store.getKey("server", new char[0]))
                .isEqualTo(signed.server().key());
    }

    @Test
    void aKeysBytesAreWipedOnceItIsRead() throws Exception {
        byte[] der = ServerIdentity.make(folder, "one", "EC").key().getEncoded();
        PrivateKey key = PemPair.privateKey(der, "EC");
        assertThat(key.getAlgorithm()).isEqualTo("EC");
        assertThat(der).containsOnly(0);
    }

    @Test
    void aKeyThatIsCutShortIsNone() throws Exception {
        ServerIdentity identity = ServerIdentity.make(folder, "one", "EC");
        identity.writeCertificate(folder.resolve("chain.pem"));
        byte[] chain = Files.readAllBytes(folder.resolve("chain.pem"));
        byte[] der = identity.key().getEncoded();
        String whole = pem("PRIVATE KEY", der);
        String half = pem("PRIVATE KEY", Arrays.copyOf(der, der.length / 2));
        String odd = whole.replace("\n-----END", "A\n-----END");
        String open = whole.substring(0, whole.indexOf("-----END"));
        for (String key : new String[] {half, odd, open, ""}) {
            assertThatThrownBy(() -> PemPair.read(chain, key.getBytes(StandardCharsets.US_ASCII)))
                    .isInstanceOf(IOException.class);
        }
    }
}
