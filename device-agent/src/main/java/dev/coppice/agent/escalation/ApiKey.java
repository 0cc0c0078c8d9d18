package dev.coppice.agent.escalation;

/** What a larger model's owner knows this app by. Has no printable form. */
public final class ApiKey {
    private static final int CHARACTERS_MAX = 1_024;

    private final String secret;

    /** @throws IllegalArgumentException if it is not 1 to 1,024 visible ASCII characters */
    public ApiKey(String secret) {
        if (secret.isEmpty()
                || secret.length() > CHARACTERS_MAX
                || !secret.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw new IllegalArgumentException("an API key is 1 to " + CHARACTERS_MAX + " visible ASCII characters");
        }
        this.secret = secret;
    }

    String bearer() {
        return "Bearer " + secret;
    }

    @Override
    public String toString() {
        return "ApiKey[]";
    }
}
