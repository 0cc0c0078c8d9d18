package dev.coppice.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A key and a self-signed certificate for 127.0.0.1, as the JDK's keytool makes them. */
public record ServerIdentity(X509Certificate certificate, Key key) {
    private static final String PASSWORD = "changeit";

    /** One that an authority signed. */
    public record Signed(ServerIdentity server, X509Certificate authority) {}

    public static ServerIdentity make(Path folder, String name, String algorithm) throws Exception {
        Path store = folder.resolve(name + ".p12");
        generate(store, "server", algorithm, name, "san=ip:127.0.0.1", List.of());
        return read(store);
    }

    public static Signed signed(Path folder) throws Exception {
        Path store = folder.resolve("signed.p12");
        generate(store, "authority", "EC", "authority", "bc:c", List.of());
        generate(store, "server", "EC", "server", "san=ip:127.0.0.1", List.of("-signer", "authority"));
        return new Signed(read(store), (X509Certificate) opened(store).getCertificate("authority"));
    }

    private static void generate(
            Path store, String alias, String algorithm, String name, String extension, List<String> more)
            throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                alias,
                "-keyalg",
                algorithm,
                "-dname",
                "CN=" + name,
                "-ext",
                extension,
                "-validity",
                "2",
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD,
                "-keystore",
                store.toString()));
        command.addAll(more);
        Process keytool = new ProcessBuilder(command).inheritIO().start();
        if (keytool.waitFor() != 0) {
            throw new IOException("keytool failed");
        }
    }

    private static KeyStore opened(Path file) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, PASSWORD.toCharArray());
        }
        return store;
    }

    private static ServerIdentity read(Path file) throws IOException, GeneralSecurityException {
        KeyStore store = opened(file);
        return new ServerIdentity(
                (X509Certificate) store.getCertificate("server"), store.getKey("server", PASSWORD.toCharArray()));
    }

    /** Believes these and nobody else. */
    public static SSLContext trusting(ServerIdentity... identities) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        for (ServerIdentity identity : identities) {
            store.setCertificateEntry(
                    identity.certificate.getSubjectX500Principal().getName(), identity.certificate);
        }
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }

    public void writeCertificate(Path file) throws Exception {
        write(file, "CERTIFICATE", certificate.getEncoded());
    }

    public void writeKey(Path file) throws IOException {
        write(file, "PRIVATE KEY", key.getEncoded());
    }

    /** Whole or not at all, as tools that renew certificates do. */
    private static void write(Path file, String type, byte[] der) throws IOException {
        String base64 = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                .encodeToString(der);
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.writeString(fresh, "-----BEGIN " + type + "-----\n" + base64 + "\n-----END " + type + "-----\n");
        Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }
}
