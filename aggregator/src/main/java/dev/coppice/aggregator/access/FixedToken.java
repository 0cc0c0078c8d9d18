package dev.coppice.aggregator.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** The operator's bearer token. Has no printable form, and is compared in constant time. */
public final class OperatorToken {
    private final byte[] token;

    public OperatorToken(String token) {
        this.token = token.getBytes(StandardCharsets.US_ASCII);
    }

    boolean is(String offered) {
        return MessageDigest.isEqual(token, offered.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String toString() {
        return "OperatorToken";
    }
}
