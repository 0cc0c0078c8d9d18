package dev.coppice.aggregator.access;

import dev.coppice.crypto.RandomSource;
import dev.coppice.crypto.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;

/**
 * A log-in that is on its way through the identity provider. Who does not have all three values cannot finish it.
 *
 * @param state comes back with the provider's answer, which thereby is one to this browser's question (RFC 6749, section 10.12)
 * @param nonce comes back in the ID token, which thereby was made for this log-in (OpenID Connect Core, section 3.1.2.1)
 * @param verifier goes with the code, which thereby is of no use to others (RFC 7636)
 */
public record LoginAttempt(String state, String nonce, String verifier) {
    private static final int BYTES = 32;
    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

    static LoginAttempt begin(RandomSource random) {
        return new LoginAttempt(drawn(random), drawn(random), drawn(random));
    }

    private static String drawn(RandomSource random) {
        return BASE64.encodeToString(random.bytes(BYTES));
    }

    /** What the provider is told of the verifier beforehand ({@code S256}). */
    String challenge() {
        return BASE64.encodeToString(Sha256.hash(verifier.getBytes(StandardCharsets.US_ASCII)));
    }

    /** Whether an answer with this state is one to it. */
    public boolean isAnsweredBy(String offeredState) {
        return same(state, offeredState);
    }

    boolean isFor(String offeredNonce) {
        return same(nonce, offeredNonce);
    }

    private static boolean same(String ours, String offered) {
        return MessageDigest.isEqual(
                ours.getBytes(StandardCharsets.US_ASCII), offered.getBytes(StandardCharsets.UTF_8));
    }
}
