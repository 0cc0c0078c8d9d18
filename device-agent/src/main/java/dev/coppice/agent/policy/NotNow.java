package dev.coppice.agent.policy;

import java.time.Duration;

/**
 * The first reason not to work now.
 *
 * @param comeBack when to ask again
 */
public record NotNow(Obstacle obstacle, Duration comeBack) {}
