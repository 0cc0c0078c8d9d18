package dev.coppice.simulator;

/** What the devices learn from their texts. */
public enum DemoTask {
    TEXT_CLASSIFICATION("text-classification"),
    CAUSAL_LM("causal-lm");

    private final String word;

    DemoTask(String word) {
        this.word = word;
    }

    /** As on the command line and in {@code coppice-model.json}. */
    public String word() {
        return word;
    }
}
