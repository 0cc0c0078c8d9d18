package dev.coppice.agent.escalation;

import dev.coppice.agent.escalation.Reply.Why;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Answers by this device where it is sure, and else asks, where that is allowed. There is always an answer: whatever goes
 * wrong elsewhere, the device's own remains. Thread-safe; {@link #ask} blocks its caller for as long as the larger model
 * may take.
 */
public final class Escalation {
    private final EscalationRules rules;
    private final BooleanSupplier isAllowed;
    private final QuestionBudget budget;
    private final InstantSource clock;
    private final Breaker breaker;

    /**
     * @param isAllowed whether the user allows to ask; looked at for each question
     * @param budget what was asked already
     */
    public Escalation(EscalationRules rules, BooleanSupplier isAllowed, QuestionBudget budget, InstantSource clock) {
        this.rules = rules;
        this.isAllowed = isAllowed;
        this.budget = budget;
        this.clock = clock;
        this.breaker = new Breaker(clock);
    }

    /**
     * Answers one text.
     *
     * @param own the device's answer
     * @param isInScope whether the text is like those that the device has learned from
     * @param labels that may be the answer
     */
    public Reply ask(String text, OwnAnswer own, boolean isInScope, List<String> labels) throws InterruptedException {
        if (isInScope && own.confidence() >= rules.confidenceMin()) {
            return new Reply.FromDevice(own, Why.SURE);
        }
        Optional<Why> obstacle = obstacle();
        if (obstacle.isPresent()) {
            return new Reply.FromDevice(own, obstacle.get());
        }
        return asked(text, labels, own, isInScope ? Why.UNSURE : Why.OUT_OF_SCOPE);
    }

    public EscalationRules rules() {
        return rules;
    }

    /** In this order: nothing is counted, tried or sent that the user does not allow. */
    private Optional<Why> obstacle() throws InterruptedException {
        if (!isAllowed.getAsBoolean()) {
            return Optional.of(Why.NOT_ALLOWED);
        }
        if (!breaker.allows()) {
            return Optional.of(Why.SERVER_LEFT_ALONE);
        }
        try {
            return budget.take(rules.questionsADay(), clock.instant())
                    ? Optional.empty()
                    : Optional.of(Why.BUDGET_SPENT);
        } catch (IOException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException("while a question was counted");
            }
            return Optional.of(Why.BUDGET_SPENT); // what cannot be counted is not asked
        }
    }

    private Reply asked(String text, List<String> labels, OwnAnswer own, Why why) throws InterruptedException {
        RedactedText redacted = new Redactor(rules.names().get()).redact(text);
        String said;
        try {
            said = rules.model().ask(redacted, labels);
        } catch (IOException e) {
            breaker.failed();
            return new Reply.FromDevice(own, Why.NO_ANSWER);
        }
        breaker.succeeded(); // it answers; that it may know no label is another matter
        Optional<String> label = label(said, labels);
        return label.isPresent()
                ? new Reply.FromLargerModel(label.get(), own, why)
                : new Reply.FromDevice(own, Why.NO_LABEL);
    }

    /** The label that was meant, whatever quotes, case or full stop it came with. */
    private static Optional<String> label(String said, List<String> labels) {
        String bare = said.replaceAll("^[\\s\"'`]+|[\\s\"'`.]+$", "");
        return labels.stream().filter(label -> label.equalsIgnoreCase(bare)).findFirst();
    }
}
