package dev.coppice.aggregator.round;

/** The round was over, and its messages deleted, before they were read. */
final class RoundGoneException extends Exception {
    RoundGoneException(String roundId) {
        super("Round " + roundId + " is over");
    }
}
