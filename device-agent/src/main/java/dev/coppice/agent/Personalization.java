package dev.coppice.agent;

import dev.coppice.agent.policy.Obstacle;
import java.time.Duration;

/** What became of training on this device for this device alone. Losses are in nats on its held-out examples. */
public sealed interface Personalization {
    /** The personal adapter is better than what was in use, and is in use now. */
    record Improved(double lossBefore, double lossAfter, int steps) implements Personalization {}

    /** Training did not help: nothing changed. */
    record KeptOld(double lossBefore, double bestLoss, int steps) implements Personalization {}

    /** The new adapter is better here but has unlearned what the app tests: shares of right answers. Nothing changed. */
    record Forgot(double packAccuracy, double personalAccuracy) implements Personalization {}

    /** The device may not work now: nothing changed. */
    record NotNow(Obstacle obstacle, Duration comeBack) implements Personalization {}

    /** There are too few examples to train on and to judge by. */
    record TooFewExamples(int training, int heldOut) implements Personalization {}
}
