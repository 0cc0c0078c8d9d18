package dev.coppice.aggregator.http;

/**
 * Why something was not done (RFC 9457).
 *
 * @param detail for people: what is wrong, and what to do
 */
public record Problem(String title, int status, String detail) {}
