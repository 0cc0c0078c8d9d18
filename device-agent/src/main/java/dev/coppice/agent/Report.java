package dev.coppice.agent;

import dev.coppice.agent.policy.Consent;
import dev.coppice.agent.store.Event;
import dev.coppice.agent.store.LedgerStatement;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a device has learned from its user, for the user: from how many examples, when, what it brought, and what was
 * given away. Holds no text.
 *
 * @param examples that are kept
 * @param corrections among them
 * @param source of answers now
 * @param packVersion installed; 0 if none
 * @param allowed what the user allows, and since when
 * @param events oldest first
 */
public record Report(
        int examples,
        int corrections,
        Source source,
        long packVersion,
        Map<Consent, Instant> allowed,
        List<Event> events,
        LedgerStatement privacy) {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("d MMM yyyy HH:mm", Locale.ENGLISH);

    /** The same in English sentences, newest event first. */
    public List<String> sentences(ZoneId zone) {
        List<String> sentences = new ArrayList<>();
        sentences.add("This device keeps " + count(examples, "example") + " of what you wrote, "
                + count(corrections, "correction") + " among them. They do not leave it.");
        sentences.add(
                switch (source) {
                    case BASE -> "Answers come from the model as it was delivered.";
                    case PACK, CANDIDATE -> "Answers come from skill pack " + packVersion + ".";
                    case PERSONAL ->
                        "Answers come from what was learned from you"
                                + (packVersion > 0 ? ", on top of skill pack " + packVersion + "." : ".");
                });
        long rounds = privacy.together().ever().participations();
        sentences.add(
                rounds == 0
                        ? "It has given nothing to others."
                        : "It has taken part in " + count((int) Math.min(rounds, Integer.MAX_VALUE), "round")
                                + ": noised sums over many devices, epsilon "
                                + number(privacy.together().epsilonEver()) + " in all.");
        DateTimeFormatter time = TIME.withZone(zone);
        for (int i = events.size() - 1; i >= 0; i--) {
            sentences.add(time.format(events.get(i).when()) + ": " + sentence(events.get(i)));
        }
        return sentences;
    }

    private static String sentence(Event event) {
        String examples = count(event.examples(), "example");
        String change = number(event.before()) + " to " + number(event.after());
        return switch (event.kind()) {
            case PERSONAL_IMPROVED ->
                "learned from " + examples + "; the error on the newest fell from " + change + ".";
            case PERSONAL_KEPT_OLD -> "tried to learn from " + examples + "; it brought nothing (" + change + ").";
            case PERSONAL_FORGOT ->
                "learned from " + examples + ", but unlearned what must stay (" + change + " right); not used.";
            case PERSONAL_CARRIED_OVER -> "what was learned from you is better than the new skill pack, and stays.";
            case PERSONAL_SET_ASIDE -> "the new skill pack is better than what was learned from you before.";
            case PERSONAL_ROLLED_BACK -> "went back to what was learned before.";
            case PACK_INSTALLED -> "installed skill pack " + event.packVersion() + ".";
            case PACK_DECLINED -> "skill pack " + event.packVersion() + " is worse for you; not installed.";
            case PACK_ROLLED_BACK -> "went back to skill pack " + event.packVersion() + ".";
            case TOOK_PART -> "took part in a round; epsilon went from " + change + ".";
            case EXAMPLES_EXPIRED -> "deleted " + examples + " as too old or too many.";
            case FORGOTTEN -> "deleted all examples and all that was learned from you.";
            case OWN_FACTORS_IN_USE ->
                "uses the part that it learned in rounds and shared with nobody; the error fell from " + change + ".";
        };
    }

    private static String count(int number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }
}
