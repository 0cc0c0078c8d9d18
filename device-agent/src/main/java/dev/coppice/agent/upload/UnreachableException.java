package dev.coppice.agent.upload;

import java.io.IOException;

/** The aggregator gave no answer that could be used, however often it was asked. */
public final class UnreachableException extends IOException {
    UnreachableException(String message, Throwable cause) {
        super(message, cause);
    }
}
