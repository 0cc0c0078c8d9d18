package dev.coppice.agent.store;

import dev.coppice.crypto.RandomSource;
import dev.coppice.crypto.sealing.StorageKey;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.UnrecoverableKeyException;
import java.util.Arrays;
import java.util.function.Supplier;
import javax.crypto.spec.SecretKeySpec;

/** A secret in a PKCS#12 keystore. */
final class KeystoreFile {
    private static final String ALIAS = "coppice";
    private static final int BYTES_MAX = 1 << 20;

    private KeystoreFile() {}

    static byte[] secret(Path file, Supplier<char[]> passphrase) throws IOException {
        char[] characters = passphrase.get();
        try {
            return Files.exists(file) ? read(file, characters) : make(file, characters);
        } catch (GeneralSecurityException e) {
            throw new IOException("the keystore " + file.getFileName() + " cannot be used", e);
        } finally {
            Arrays.fill(characters, ' ');
        }
    }

    private static byte[] read(Path file, char[] passphrase) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try {
            store.load(new ByteArrayInputStream(PrivateFiles.readAtMost(file, BYTES_MAX)), passphrase);
            Key key = store.getKey(ALIAS, passphrase);
            if (key != null && key.getEncoded().length == StorageKey.SECRET_BYTES) {
                return key.getEncoded();
            }
        } catch (UnrecoverableKeyException e) {
            throw new IOException("the passphrase does not open the keystore " + file.getFileName(), e);
        } catch (IOException e) {
            boolean wrong = e.getCause() instanceof UnrecoverableKeyException;
            throw wrong
                    ? new IOException("the passphrase does not open the keystore " + file.getFileName(), e)
                    : new StoreBrokenException(file, "it is no PKCS#12 keystore");
        }
        throw new StoreBrokenException(file, "it holds no key of this agent");
    }

    private static byte[] make(Path file, char[] passphrase) throws IOException, GeneralSecurityException {
        byte[] fresh = RandomSource.secure().bytes(StorageKey.SECRET_BYTES);
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, passphrase);
        store.setKeyEntry(ALIAS, new SecretKeySpec(fresh, "AES"), passphrase, null);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        store.store(bytes, passphrase);
        PrivateFiles.replace(file, bytes.toByteArray());
        return fresh;
    }
}
