package dev.coppice.agent.escalation;

import java.util.Collection;
import java.util.List;
import java.util.function.Supplier;

/**
 * Whom to ask where this device is not sure, and when.
 *
 * @param model stays the app's
 * @param confidenceMin calibrated probability below which the device is not sure, 0 to 1
 * @param scopeQuantile share of the device's own held-out texts that may count as out of scope, 0 to 1
 * @param questionsADay most questions that leave the device in a day (UTC)
 * @param names that are redacted; asked for at each question
 */
public record EscalationRules(
        LargerModel model,
        double confidenceMin,
        double scopeQuantile,
        int questionsADay,
        Supplier<? extends Collection<String>> names) {
    public EscalationRules {
        if (!(confidenceMin >= 0 && confidenceMin <= 1)
                || !(scopeQuantile >= 0 && scopeQuantile <= 1)
                || questionsADay < 0) {
            throw new IllegalArgumentException("shares are 0 to 1, and questions are not negative");
        }
    }

    /** Asks below a confidence of 0.7, or where one in twenty of the device's own texts would be; 50 questions a day. */
    public static EscalationRules of(LargerModel model) {
        return new EscalationRules(model, 0.7, 0.05, 50, List::of);
    }

    /** The same with names to redact. */
    public EscalationRules withNames(Supplier<? extends Collection<String>> known) {
        return new EscalationRules(model, confidenceMin, scopeQuantile, questionsADay, known);
    }
}
