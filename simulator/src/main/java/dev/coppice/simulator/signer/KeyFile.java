package dev.coppice.simulator.signer;

import dev.coppice.crypto.RandomSource;
import dev.coppice.crypto.SecretBytes;
import dev.coppice.crypto.trust.Signatory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKey;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.PBEParameterSpec;

/**
 * A holder's private keys in a file: two PKCS#8 keys in PEM, Ed25519 (RFC 8410) and ML-DSA-65 as a seed (RFC 9881), each
 * encrypted by a passphrase (PBES2: PBKDF2 with HMAC-SHA-256 and 600,000 rounds, AES-256-CBC).
 */
public final class KeyFile {
    /** Fewest characters of a passphrase. */
    public static final int PASSPHRASE_MIN = 12;

    private static final String ALGORITHM = "PBEWithHmacSHA256AndAES_256";
    private static final String NAME = "PBES2";
    private static final int ROUNDS = 600_000;
    private static final int SALT_BYTES = 16;
    private static final int SEED_BYTES = Signatory.SECRET_BYTES / 2;
    /** What stands before the seed in PKCS#8, for each of the two. */
    private static final byte[][] PREFIXES = {
        HexFormat.of().parseHex("302e020100300506032b657004220420"),
        HexFormat.of().parseHex("3034020100300b060960864801650304031204228020"),
    };

    private static final String BEGIN = "-----BEGIN ENCRYPTED PRIVATE KEY-----";
    private static final String END = "-----END ENCRYPTED PRIVATE KEY-----";
    private static final Pattern BLOCK = Pattern.compile(BEGIN + "([A-Za-z0-9+/=\\s]+)" + END);

    private KeyFile() {}

    /**
     * Writes a new file that only its owner may read.
     *
     * @throws IOException if there is a file already: keys are never written over
     */
    public static void write(Path file, Signatory signatory, char[] passphrase, RandomSource random)
            throws IOException {
        StringBuilder text = new StringBuilder();
        try (SecretBytes secret = signatory.secret()) {
            for (int i = 0; i < PREFIXES.length; i++) {
                int from = i * SEED_BYTES;
                byte[] seed = secret.use(bytes -> Arrays.copyOfRange(bytes, from, from + SEED_BYTES));
                text.append(BEGIN)
                        .append('\n')
                        .append(Base64.getMimeEncoder(64, new byte[] {'\n'})
                                .encodeToString(encrypted(pkcs8(PREFIXES[i], seed), passphrase, random)))
                        .append('\n')
                        .append(END)
                        .append('\n');
            }
        }
        Files.createFile(file, ownerOnly());
        Files.writeString(file, text, StandardCharsets.US_ASCII);
    }

    /**
     * Reads a file back.
     *
     * @throws IOException if it is no such file, or the passphrase is another
     */
    public static Signatory read(Path file, char[] passphrase) throws IOException {
        byte[] both = new byte[Signatory.SECRET_BYTES];
        Matcher blocks = BLOCK.matcher(Files.readString(file, StandardCharsets.US_ASCII));
        try {
            for (int i = 0; i < PREFIXES.length; i++) {
                if (!blocks.find()) {
                    throw new IOException(file + " does not hold two encrypted keys");
                }
                byte[] key = decrypted(Base64.getMimeDecoder().decode(blocks.group(1)), passphrase);
                byte[] prefix = PREFIXES[i];
                if (key.length != prefix.length + SEED_BYTES
                        || !Arrays.equals(Arrays.copyOf(key, prefix.length), prefix)) {
                    throw new IOException(file + " holds keys of other kinds");
                }
                System.arraycopy(key, prefix.length, both, i * SEED_BYTES, SEED_BYTES);
                Arrays.fill(key, (byte) 0);
            }
            try (SecretBytes secret = SecretBytes.of(both)) {
                return Signatory.of(secret);
            }
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException("the passphrase does not open " + file, e);
        } finally {
            Arrays.fill(both, (byte) 0);
        }
    }

    private static byte[] pkcs8(byte[] prefix, byte[] seed) {
        byte[] key = Arrays.copyOf(prefix, prefix.length + seed.length);
        System.arraycopy(seed, 0, key, prefix.length, seed.length);
        Arrays.fill(seed, (byte) 0);
        return key;
    }

    private static byte[] encrypted(byte[] key, char[] passphrase, RandomSource random) {
        try {
            PBEParameterSpec spec = new PBEParameterSpec(
                    random.bytes(SALT_BYTES), ROUNDS, new IvParameterSpec(random.bytes(SALT_BYTES)));
            Cipher cipher = Cipher.getInstance(ALGORITHM);
            cipher.init(Cipher.ENCRYPT_MODE, derive(passphrase), spec);
            AlgorithmParameters named = AlgorithmParameters.getInstance(NAME); // by the name that has an identifier
            named.init(cipher.getParameters().getEncoded());
            return new EncryptedPrivateKeyInfo(named, cipher.doFinal(key)).getEncoded();
        } catch (GeneralSecurityException | IOException everyPlatformHasIt) {
            throw new AssertionError(everyPlatformHasIt);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    private static byte[] decrypted(byte[] encoded, char[] passphrase) throws IOException, GeneralSecurityException {
        EncryptedPrivateKeyInfo info = new EncryptedPrivateKeyInfo(encoded);
        AlgorithmParameters parameters = info.getAlgParameters();
        if (parameters == null || !ALGORITHM.equals(parameters.toString())) {
            throw new GeneralSecurityException("encrypted in another way");
        }
        Cipher cipher = Cipher.getInstance(ALGORITHM);
        cipher.init(Cipher.DECRYPT_MODE, derive(passphrase), parameters);
        return cipher.doFinal(info.getEncryptedData());
    }

    private static SecretKey derive(char[] passphrase) throws GeneralSecurityException {
        PBEKeySpec spec = new PBEKeySpec(passphrase);
        try {
            return SecretKeyFactory.getInstance(ALGORITHM).generateSecret(spec);
        } finally {
            spec.clearPassword();
        }
    }

    private static FileAttribute<?>[] ownerOnly() {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
    }
}
