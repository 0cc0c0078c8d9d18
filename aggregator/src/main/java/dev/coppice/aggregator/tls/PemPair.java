package dev.coppice.aggregator.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A certificate with its private key, as they stand in two files. */
final class PemPair {
    private static final Pattern KEY =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");

    private PemPair() {}

    /**
     * A key store with the pair as its one entry, whose password is empty.
     *
     * @param certificates in PEM, the server's first
     * @param key PKCS #8 in PEM
     * @throws IOException if they are not that, or do not belong together: as when one file was replaced and the other not yet
     */
    static KeyStore read(byte[] certificates, byte[] key) throws IOException {
        try {
            Certificate[] chain = CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(certificates))
                    .toArray(Certificate[]::new);
            if (chain.length == 0) {
                throw new IOException("there is no certificate in it");
            }
            PrivateKey privateKey =
                    privateKey(decoded(key), chain[0].getPublicKey().getAlgorithm());
            requirePair(privateKey, chain[0].getPublicKey());
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("server", privateKey, new char[0], chain);
            return store;
        } catch (GeneralSecurityException e) {
            throw new IOException(
                    "the certificate is no X.509 in PEM, or the key none of its kind: " + e.getMessage(), e);
        }
    }

    /** What a file holds. No string is made of it, for none could be wiped. */
    private static byte[] decoded(byte[] pem) throws IOException {
        CharBuffer text = StandardCharsets.ISO_8859_1.decode(ByteBuffer.wrap(pem)); // a character for each byte
        Matcher matcher = KEY.matcher(text);
        byte[] base64 = matcher.find() ? Arrays.copyOfRange(pem, matcher.start(1), matcher.end(1)) : new byte[0];
        try {
            byte[] der = Base64.getMimeDecoder().decode(base64);
            if (der.length > 0) {
                return der;
            }
            throw new IOException("the key is not an unencrypted PKCS #8 in PEM (BEGIN PRIVATE KEY);"
                    + " openssl pkcs8 -topk8 -nocrypt makes one of others");
        } catch (IllegalArgumentException e) {
            throw new IOException("the key is cut short", e);
        } finally {
            Arrays.fill(base64, (byte) 0);
            Arrays.fill(text.array(), ' ');
        }
    }

    /** The key, whose bytes are wiped. */
    static PrivateKey privateKey(byte[] der, String algorithm) throws GeneralSecurityException {
        try {
            return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
        } finally {
            Arrays.fill(der, (byte) 0);
        }
    }

    private static void requirePair(PrivateKey key, PublicKey certified) throws IOException, GeneralSecurityException {
        String algorithm = switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            case String other -> other;
        };
        byte[] sample = "which key is this?".getBytes(StandardCharsets.US_ASCII);
        Signature signature = Signature.getInstance(algorithm);
        signature.initSign(key);
        signature.update(sample);
        byte[] made = signature.sign();
        signature.initVerify(certified);
        signature.update(sample);
        if (!signature.verify(made)) {
            throw new IOException("the key is not that of the certificate");
        }
    }
}
