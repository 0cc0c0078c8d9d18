package dev.coppice.agent.escalation;

/**
 * What this device answers by itself.
 *
 * @param label the likeliest
 * @param confidence its probability as calibrated, 0 to 1
 */
public record OwnAnswer(String label, double confidence) {}
