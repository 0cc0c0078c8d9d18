package dev.coppice.simulator.operator;

import com.fasterxml.jackson.databind.JsonNode;
import dev.coppice.simulator.world.DropoutPlan.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * How far a task is, by {@code GET /v1/admin/tasks/{id}}.
 *
 * @param skill that it teaches
 * @param population whose devices it is for
 * @param state in lower case
 * @param candidateSha256 the adapter that the rounds have made so far
 * @param rounds every attempt at a round, ascending by number
 */
public record TaskStatus(String skill, String population, String state, String candidateSha256, List<Round> rounds) {
    /**
     * One attempt at a round.
     *
     * @param phase in lower case
     * @param advertised devices that completed this step; the same for the others
     * @param inSum devices whose updates are in what the round made; 0 before
     * @param candidateSha256 what the round made, an adapter or figures; empty before
     * @param reason why it was aborted; empty otherwise
     */
    public record Round(
            String id,
            int number,
            String phase,
            int advertised,
            int shared,
            int masked,
            int attested,
            int unmasked,
            int inSum,
            String candidateSha256,
            String reason) {
        /** Whether its sum is in the candidate. */
        public boolean completed() {
            return phase.startsWith("complete");
        }

        public boolean aborted() {
            return phase.startsWith("abort") || phase.startsWith("abandon");
        }

        public boolean over() {
            return completed() || aborted();
        }

        /** Whether all have done this step that could: the aggregator then goes on by itself. */
        public boolean isFull(Step step, int cohortMax) {
            return switch (step) {
                case ADVERTISE -> advertised == cohortMax;
                case SHARES -> shared == advertised;
                case MASKED -> masked == shared;
                case ATTEST -> attested == masked;
                case UNMASK -> unmasked == attested;
            };
        }

        /** Whether devices may do this step now. */
        public boolean takes(Step step) {
            return phase.equals(
                    switch (step) {
                        case ADVERTISE -> "advertising";
                        case SHARES -> "sharing";
                        case MASKED -> "masking";
                        case ATTEST -> "attesting";
                        case UNMASK -> "unmasking";
                    });
        }
    }

    /** Whether all rounds are done. */
    public boolean done() {
        return state.startsWith("complete") || state.equals("done") || state.equals("finished");
    }

    /** The last attempt. */
    public Optional<Round> findLast() {
        return rounds.isEmpty() ? Optional.empty() : Optional.of(rounds.getLast());
    }

    static TaskStatus of(JsonNode json) {
        List<Round> rounds = new ArrayList<>();
        for (JsonNode round : json.path("rounds")) {
            rounds.add(new Round(
                    round.path("id").asText(),
                    round.path("number").asInt(),
                    round.path("phase").asText().toLowerCase(Locale.ROOT),
                    round.path("advertised").asInt(),
                    round.path("shared").asInt(),
                    round.path("masked").asInt(),
                    round.path("attested").asInt(),
                    round.path("unmasked").asInt(),
                    round.path("inSum").asInt(),
                    round.path("candidateSha256").asText(""),
                    round.path("reason").asText("")));
        }
        rounds.sort(java.util.Comparator.comparingInt(Round::number));
        return new TaskStatus(
                json.path("skill").asText(),
                json.path("population").asText(),
                json.path("state").asText().toLowerCase(Locale.ROOT),
                json.path("candidateSha256").asText(),
                List.copyOf(rounds));
    }
}
