package dev.coppice.aggregator.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;

/** A bearer token that was made at the first start. Has no printable form, and is compared in constant time. */
public final class FixedToken {
    private final byte[] token;
    private final String name;
    private final List<String> roles;

    private FixedToken(String token, String name, List<String> roles) {
        this.token = token.getBytes(StandardCharsets.US_ASCII);
        this.name = name;
        this.roles = roles;
    }

    /** Whoever has it may do everything. */
    public static FixedToken ofOperator(String token) {
        return new FixedToken(token, "operator", Role.ALL);
    }

    /** Whoever has it reads the figures of this process, and nothing else. */
    public static FixedToken ofScraper(String token) {
        return new FixedToken(token, "scraper", List.of(Role.SCRAPER));
    }

    boolean is(String offered) {
        return MessageDigest.isEqual(token, offered.getBytes(StandardCharsets.UTF_8));
    }

    String name() {
        return name;
    }

    List<String> roles() {
        return roles;
    }

    @Override
    public String toString() {
        return "FixedToken";
    }
}
