package dev.coppice.simulator.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** Which trials a sweep makes, and how long each may go on. */
sealed interface Search {
    List<Trial> trials(SweepPlan plan) throws ExperimentRefusedException;

    /** Every combination of listed values. */
    record Grid() implements Search {
        @Override
        public List<Trial> trials(SweepPlan plan) throws ExperimentRefusedException {
            List<Map<String, JsonNode>> chosen = new ArrayList<>(List.of(Map.of()));
            for (Map.Entry<String, Axis> axis : plan.axes().entrySet()) {
                if (!(axis.getValue() instanceof Axis.Values listed)) {
                    throw new ExperimentRefusedException("over: a grid needs the values of " + axis.getKey()
                            + " listed; ranges go with random and halving");
                }
                List<Map<String, JsonNode>> longer = new ArrayList<>();
                for (Map<String, JsonNode> before : chosen) {
                    for (JsonNode value : listed.values()) {
                        Map<String, JsonNode> more = new TreeMap<>(before);
                        more.put(axis.getKey(), value);
                        longer.add(more);
                    }
                }
                chosen = longer;
            }
            List<Trial> trials = new ArrayList<>();
            for (Map<String, JsonNode> one : chosen) {
                trials.add(Trial.of(plan.base(), one));
            }
            return trials;
        }
    }

    /** So many combinations by chance (Bergstra and Bengio 2012). */
    record Drawn(int count, long seed) implements Search {
        @Override
        public List<Trial> trials(SweepPlan plan) throws ExperimentRefusedException {
            SplittableRandom random = new SplittableRandom(seed);
            List<Trial> trials = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                Map<String, JsonNode> chosen = new TreeMap<>();
                plan.axes().forEach((pointer, axis) -> chosen.put(pointer, axis.draw(random)));
                Trial trial = Trial.of(plan.base(), chosen);
                if (trials.stream().noneMatch(other -> other.id().equals(trial.id()))) {
                    trials.add(trial);
                }
            }
            return trials;
        }
    }

    /**
     * Successive halving (Jamieson and Talwalkar 2016): all drawn trials go on for some rounds, the best part of them for
     * {@code 1 / keep} times as many, and so on to the end of the task.
     *
     * @param keep part that goes on, above 0 and below 1
     * @param roundsMin of the first stage
     */
    record Halving(Drawn drawn, double keep, int roundsMin) implements Search {
        @Override
        public List<Trial> trials(SweepPlan plan) throws ExperimentRefusedException {
            return drawn.trials(plan);
        }

        /** Rounds after which each stage ends, the last one those of the task. */
        List<Integer> stages(int rounds) {
            List<Integer> stages = new ArrayList<>();
            double end = roundsMin;
            while (end < rounds) {
                stages.add((int) Math.round(end));
                end /= keep;
            }
            stages.add(rounds);
            return stages;
        }

        /** How many of so many go on. */
        int kept(int trials) {
            return Math.max(1, (int) Math.floor(keep * trials + 1e-9));
        }
    }

    static Search of(JsonNode json) throws ExperimentRefusedException {
        String kind = json.path("kind").asText("grid");
        int count = json.path("trials").asInt(16);
        long seed = json.path("seed").asLong(1);
        SweepPlan.require(count >= 1, "search.trials is 1 or more");
        return switch (kind) {
            case "grid" -> new Grid();
            case "random" -> new Drawn(count, seed);
            case "halving" -> {
                double keep = json.path("keep").asDouble(1.0 / 3);
                int roundsMin = json.path("roundsMin").asInt(1);
                SweepPlan.require(keep > 0 && keep < 1, "search.keep is above 0 and below 1");
                SweepPlan.require(roundsMin >= 1, "search.roundsMin is 1 or more");
                yield new Halving(new Drawn(count, seed), keep, roundsMin);
            }
            default -> throw new ExperimentRefusedException("search.kind is grid, random or halving, not " + kind);
        };
    }
}
