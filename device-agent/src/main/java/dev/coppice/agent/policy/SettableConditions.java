package dev.coppice.agent.policy;

/** Conditions that the app sets whenever its platform tells it of a change. Thread-safe. */
public final class SettableConditions implements ConditionSource {
    private volatile Conditions conditions;

    /** @param first until they are set */
    public SettableConditions(Conditions first) {
        this.conditions = first;
    }

    /** From now on these. */
    public void set(Conditions now) {
        this.conditions = now;
    }

    @Override
    public Conditions now() {
        return conditions;
    }
}
