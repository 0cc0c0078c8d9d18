package dev.coppice.crypto.signing;

import dev.coppice.crypto.Sha256;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A device's signature of an HTTP request (RFC 9421) with Ed25519: over its method, its path, and the SHA-256 of its body
 * ({@code Content-Digest}, RFC 9530). It names the device ({@code keyid}), when it was made ({@code created}, seconds) and a
 * {@code nonce}, so that each request can be told from all others.
 */
public final class RequestSignature {
    private static final String CONTENT_DIGEST = "Content-Digest";
    private static final String SIGNATURE_INPUT = "Signature-Input";
    private static final String SIGNATURE = "Signature";

    private static final List<String> COVERED = List.of("@method", "@path", "content-digest");
    private static final String TAG = "coppice-device";
    private static final String ALGORITHM = "ed25519";
    private static final Pattern MEMBER = Pattern.compile("([a-z*][a-z0-9_.*-]*)=(.*)");
    private static final Pattern BYTES = Pattern.compile(":([A-Za-z0-9+/]*={0,2}):");
    private static final Pattern NONCE = Pattern.compile("[A-Za-z0-9+/=_-]{16,64}");

    private final SignatureInput input;
    private final byte[] signature;
    private final String deviceId;
    private final Instant created;
    private final String nonce;

    private RequestSignature(SignatureInput input, byte[] signature, String deviceId, Instant created, String nonce) {
        this.input = input;
        this.signature = signature;
        this.deviceId = deviceId;
        this.created = created;
        this.nonce = nonce;
    }

    /** A request as it goes over the wire. The body's hash is made once. */
    public static final class Request {
        private final String method;
        private final String path;
        private final byte[] bodyHash;
        private final String digest;

        /**
         * A request.
         *
         * @param path absolute, as it travels, without a query
         */
        public Request(String method, String path, byte[] body) {
            this.method = method;
            this.path = path;
            this.bodyHash = Sha256.hash(body);
            this.digest = "sha-256=:" + Base64.getEncoder().encodeToString(bodyHash) + ":";
        }

        /** The SHA-256 of the body, in 64 lower-case hexadecimal digits. */
        public String bodySha256() {
            return HexFormat.of().formatHex(bodyHash);
        }

        private String value(String component) {
            return switch (component) {
                case "@method" -> method;
                case "@path" -> path;
                default -> digest;
            };
        }
    }

    /**
     * The headers that sign a request.
     *
     * @param nonce 16 to 64 characters of Base64, another for each request
     */
    public static Map<String, String> sign(
            SigningKey key, String deviceId, Instant created, String nonce, Request request) {
        String text = "(\"" + String.join("\" \"", COVERED) + "\");created=" + created.getEpochSecond() + ";nonce=\""
                + nonce + "\";keyid=\"" + deviceId + "\";alg=\"" + ALGORITHM + "\";tag=\"" + TAG + "\"";
        SignatureInput input = SignatureInput.find(text)
                .filter(made -> NONCE.matcher(nonce).matches())
                .orElseThrow(() -> new IllegalArgumentException("not a nonce, or not a device's id"));
        byte[] signature = key.signWithoutPurpose(input.base(request::value));
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put(CONTENT_DIGEST, request.digest);
        headers.put(SIGNATURE_INPUT, "sig=" + input);
        headers.put(SIGNATURE, "sig=:" + Base64.getEncoder().encodeToString(signature) + ":");
        return headers;
    }

    /** Where headers come from: the value of a name, several lines joined by commas; empty if there is none. */
    @FunctionalInterface
    public interface Headers {
        Optional<String> find(String name);
    }

    /** Whether a request claims to be signed in this way. */
    public static boolean isClaimed(Headers headers) {
        return headers.find(SIGNATURE_INPUT).isPresent();
    }

    /**
     * What a request says of its signature, which is still to be verified.
     *
     * @param headers of unknown origin
     * @return empty if there is not exactly one signature, or it covers or says anything else than it should
     */
    public static Optional<RequestSignature> find(Headers headers) {
        Matcher input = MEMBER.matcher(headers.find(SIGNATURE_INPUT).orElse(""));
        Matcher value = MEMBER.matcher(headers.find(SIGNATURE).orElse(""));
        if (!input.matches() || !value.matches() || !input.group(1).equals(value.group(1))) {
            return Optional.empty();
        }
        Matcher bytes = BYTES.matcher(value.group(2));
        Optional<SignatureInput> read = SignatureInput.find(input.group(2));
        if (!bytes.matches() || read.isEmpty()) {
            return Optional.empty();
        }
        try {
            return of(read.get(), Base64.getDecoder().decode(bytes.group(1)));
        } catch (IllegalArgumentException | DateTimeException e) {
            return Optional.empty();
        }
    }

    private static Optional<RequestSignature> of(SignatureInput input, byte[] signature) {
        Optional<String> nonce =
                input.string("nonce").filter(n -> NONCE.matcher(n).matches());
        Optional<String> keyId = input.string("keyid");
        Optional<Instant> created = input.integer("created").map(Instant::ofEpochSecond);
        boolean fits = input.components().equals(COVERED)
                && input.string("alg").equals(Optional.of(ALGORITHM))
                && input.string("tag").equals(Optional.of(TAG))
                && nonce.isPresent()
                && keyId.isPresent()
                && created.isPresent();
        return fits
                ? Optional.of(new RequestSignature(input, signature, keyId.get(), created.get(), nonce.get()))
                : Optional.empty();
    }

    public String deviceId() {
        return deviceId;
    }

    /** When the device says that it signed. */
    public Instant created() {
        return created;
    }

    public String nonce() {
        return nonce;
    }

    /** Whether this key signed this very request, body included. */
    public boolean verifies(VerifyingKey key, Request request) {
        return key.verifiesWithoutPurpose(input.base(request::value), signature);
    }
}
