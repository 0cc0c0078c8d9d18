package dev.coppice.adapters.pack;

import java.util.List;

/**
 * What skill.json says of how a pack came about.
 *
 * @param skill name of the lineage, 1 to 64 of a-z, 0-9 and dashes
 * @param version counts up from 1
 * @param cohortSizes updates in the sum of each finished round
 * @param evaluation by class of devices; empty if no round has measured the pack
 */
public record SkillFacts(
        String skill, long version, List<Integer> cohortSizes, PrivacyFacts privacy, List<ClassAccuracy> evaluation) {
    /** @throws IllegalArgumentException if a value is out of range */
    public SkillFacts {
        cohortSizes = List.copyOf(cohortSizes);
        evaluation = List.copyOf(evaluation);
        if (!skill.matches("[a-z0-9-]{1,64}") || version < 1) {
            throw new IllegalArgumentException("name or version of a skill is out of range");
        }
        if (cohortSizes.stream().anyMatch(n -> n < 0)) {
            throw new IllegalArgumentException("a figure about a skill is out of range");
        }
        long classes =
                evaluation.stream().map(ClassAccuracy::deviceClass).distinct().count();
        if (classes < evaluation.size()) {
            throw new IllegalArgumentException("a class of devices is there twice");
        }
    }
}
