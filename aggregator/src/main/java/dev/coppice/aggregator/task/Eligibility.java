package dev.coppice.aggregator.task;

import dev.coppice.protocol.round.AgentVersions;
import dev.coppice.protocol.round.CheckIn;
import dev.coppice.protocol.round.ExampleCounts;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * Which devices a task's rounds are offered to. What devices say of themselves is believed: it saves them work, and guards nothing.
 *
 * @param agentVersionMin as {@link AgentVersions} has it; 0: any
 * @param deviceClasses empty: any
 * @param examplesMin devices that certainly have fewer are left alone; each counts for itself besides
 * @param separation least time since a device's last participation, in any task of this aggregator
 */
public record Eligibility(
        String skill, int agentVersionMin, Set<String> deviceClasses, int examplesMin, Duration separation) {
    /** That of a definition that was checked before. */
    public static Eligibility of(TaskDefinition task) {
        try {
            return TaskJson.eligibility(task);
        } catch (TaskRefusedException e) {
            throw new IllegalStateException("A stored task was checked before", e);
        }
    }

    /** Whether a device is of the kind that is asked for. */
    public boolean admits(CheckIn device) {
        return (device.getSkill().isEmpty() || device.getSkill().equals(skill))
                && (agentVersionMin == AgentVersions.UNKNOWN || device.getAgentVersion() >= agentVersionMin)
                && (deviceClasses.isEmpty() || deviceClasses.contains(device.getDeviceClass()))
                && ExampleCounts.mayBe(device.getExamples(), examplesMin);
    }

    /**
     * When a device may take part again; empty for now.
     *
     * @param last participation, empty if there was none
     */
    public Optional<Instant> findRested(Optional<Instant> last, Instant now) {
        return last.map(taken -> taken.plus(separation)).filter(now::isBefore);
    }
}
