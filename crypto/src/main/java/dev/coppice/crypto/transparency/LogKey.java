package dev.coppice.crypto.transparency;

import dev.coppice.crypto.Sha256;
import dev.coppice.crypto.signing.SignatureAlgorithm;
import dev.coppice.crypto.signing.VerifyingKey;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Who signs the checkpoints of a log (C2SP signed-note: a verifier key). The name is the log's origin too.
 *
 * @param name without spaces, plus signs or control characters
 * @param key Ed25519
 */
public record LogKey(String name, VerifyingKey key) {
    /** The target of a repository by which release keys vouch for the log's key. */
    public static final String TARGET = "transparency/log.vkey";

    /** Longest text form in characters. */
    public static final int TEXT_MAX = 256;

    static final byte ED25519 = 1;
    private static final int ID_BYTES = 4;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9./_-]{1,128}");
    private static final Pattern TEXT = Pattern.compile("([^+]+)\\+([0-9a-f]{8})\\+([A-Za-z0-9+/=]+)");

    public LogKey {
        if (!NAME.matcher(name).matches() || key.algorithm() != SignatureAlgorithm.ED25519) {
            throw new IllegalArgumentException("a log has a plain name and an Ed25519 key");
        }
    }

    /** What signatures call the key: the first four bytes of the SHA-256 of name and key. */
    byte[] id() {
        byte[] text = (name + "\n").getBytes(StandardCharsets.UTF_8);
        return Arrays.copyOf(Sha256.hash(text, new byte[] {ED25519}, key.bytes()), ID_BYTES);
    }

    /** {@code name+id+key}, as signed-note has it. */
    public String text() {
        byte[] typed = new byte[1 + key.bytes().length];
        typed[0] = ED25519;
        System.arraycopy(key.bytes(), 0, typed, 1, key.bytes().length);
        return name + "+" + HexFormat.of().formatHex(id()) + "+"
                + Base64.getEncoder().encodeToString(typed);
    }

    /**
     * Reads the text form.
     *
     * @throws LogRefusedException if it is none
     */
    public static LogKey parse(String text) throws LogRefusedException {
        Matcher parts = TEXT.matcher(text.strip());
        if (text.length() > TEXT_MAX || !parts.matches()) {
            throw new LogRefusedException("the log's key is none");
        }
        try {
            byte[] typed = Base64.getDecoder().decode(parts.group(3));
            if (typed.length != 33 || typed[0] != ED25519) {
                throw new LogRefusedException("the log's key is of another kind");
            }
            LogKey key = new LogKey(parts.group(1), VerifyingKey.of(Arrays.copyOfRange(typed, 1, typed.length)));
            if (!HexFormat.of().formatHex(key.id()).equals(parts.group(2))) {
                throw new LogRefusedException("the log's key has another identifier");
            }
            return key;
        } catch (IllegalArgumentException | InvalidKeyException e) {
            throw new LogRefusedException("the log's key is none");
        }
    }
}
