package dev.coppice.crypto.transparency;

import dev.coppice.crypto.signing.SigningKey;
import dev.coppice.protocol.Identifiers;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a log was at one moment (C2SP tlog-checkpoint): its size and root hash, in a note that the log signed.
 *
 * @param size number of entries
 * @param rootHex SHA-256 of the tree, 64 hexadecimal digits
 */
public record Checkpoint(long size, String rootHex) {
    /** Longest note in bytes, signatures of others included. */
    public static final int BYTES_MAX = 1 << 14;

    private static final Pattern BODY =
            Pattern.compile("([^\n]+)\n(0|[1-9][0-9]{0,14})\n([A-Za-z0-9+/]{43}=)\n(?:[^\n]+\n)*");
    private static final Pattern SIGNATURE = Pattern.compile("\u2014 ([^ \n]+) ([A-Za-z0-9+/=]+)");
    private static final int SIGNATURE_BYTES = 4 + 64;

    /** @throws IllegalArgumentException if the size is negative or the root no hash */
    public Checkpoint {
        if (size < 0 || !Identifiers.isSha256(rootHex)) {
            throw new IllegalArgumentException("a checkpoint has a size and a hash");
        }
    }

    byte[] root() {
        return HexFormat.of().parseHex(rootHex);
    }

    /** The note, signed. */
    static String sign(String name, long size, byte[] root, SigningKey key) {
        String body = name + "\n" + size + "\n" + Base64.getEncoder().encodeToString(root) + "\n";
        byte[] id = new LogKey(name, key.verifyingKey()).id();
        byte[] signature = key.signWithoutPurpose(body.getBytes(StandardCharsets.UTF_8));
        byte[] both = Arrays.copyOf(id, id.length + signature.length);
        System.arraycopy(signature, 0, both, id.length, signature.length);
        return body + "\n\u2014 " + name + " " + Base64.getEncoder().encodeToString(both) + "\n";
    }

    /**
     * Reads a note that the log signed; signatures of others are passed over.
     *
     * @throws LogRefusedException if it is no checkpoint, of another log, or not signed by it
     */
    public static Checkpoint verified(byte[] note, LogKey log) throws LogRefusedException {
        String text = new String(note, StandardCharsets.UTF_8);
        int end = text.lastIndexOf("\n\n");
        if (note.length > BYTES_MAX || end < 0) {
            throw new LogRefusedException("the log's checkpoint is none");
        }
        Matcher body = BODY.matcher(text.substring(0, end + 1));
        if (!body.matches() || !body.group(1).equals(log.name())) {
            throw new LogRefusedException("the checkpoint is not this log's");
        }
        byte[] signed = body.group().getBytes(StandardCharsets.UTF_8);
        for (String line : text.substring(end + 2).split("\n", -1)) {
            Matcher signature = SIGNATURE.matcher(line);
            if (signature.matches()
                    && signature.group(1).equals(log.name())
                    && holds(signature.group(2), signed, log)) {
                byte[] root = Base64.getDecoder().decode(body.group(3));
                return new Checkpoint(
                        Long.parseLong(body.group(2)), HexFormat.of().formatHex(root));
            }
        }
        throw new LogRefusedException("the log did not sign its checkpoint");
    }

    private static boolean holds(String base64, byte[] signed, LogKey log) {
        try {
            byte[] both = Base64.getDecoder().decode(base64);
            return both.length == SIGNATURE_BYTES
                    && Arrays.equals(Arrays.copyOf(both, 4), log.id())
                    && log.key().verifiesWithoutPurpose(signed, Arrays.copyOfRange(both, 4, both.length));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
