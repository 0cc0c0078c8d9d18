package dev.coppice.adapters.pack;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What skill.json says of how a pack came about.
 *
 * @param skill name of the lineage, 1 to 64 of a-z, 0-9 and dashes
 * @param version counts up from 1
 * @param cohortSizes updates in the sum of each finished round
 * @param evaluation named figures, such as {@code lossBefore}; finite
 */
public record SkillFacts(
        String skill, long version, List<Integer> cohortSizes, PrivacyFacts privacy, Map<String, Double> evaluation) {
    /** @throws IllegalArgumentException if a value is out of range */
    public SkillFacts {
        cohortSizes = List.copyOf(cohortSizes);
        SortedMap<String, Double> sorted = new TreeMap<>(evaluation);
        evaluation = Collections.unmodifiableSortedMap(sorted);
        if (!skill.matches("[a-z0-9-]{1,64}") || version < 1) {
            throw new IllegalArgumentException("name or version of a skill is out of range");
        }
        if (!sorted.values().stream().allMatch(Double::isFinite)
                || cohortSizes.stream().anyMatch(n -> n < 0)) {
            throw new IllegalArgumentException("a figure about a skill is out of range");
        }
    }
}
