package dev.coppice.agent;

import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.adapters.text.Example;
import dev.coppice.agent.policy.Consent;
import java.io.IOException;
import java.util.List;

/**
 * What an app calls from day to day: {@link Agent} is the real one, and {@link dev.coppice.agent.testing.FakeAgent} one
 * for the app's own tests, without a model or natives. Enrolment, measuring and the like are the real one's alone.
 * Thread-safe. After {@link #close} every call fails.
 */
public interface Personalizer extends AutoCloseable {
    /** Notes, durably, that the user allows something. Ask before: nothing is allowed by itself. */
    void allow(Consent what) throws IOException;

    /** Notes, durably, that the user does not allow something any more, and deletes what was there because of it. */
    void withdraw(Consent what) throws IOException, InterruptedException;

    /** Whether the user allows something. */
    boolean allows(Consent what);

    /** Keeps a text and what it means. */
    default void addExample(String text, String label) throws IOException {
        addExamples(List.of(new Example(text, label)));
    }

    /** Keeps a text without a label, for language models. */
    default void addText(String text) throws IOException {
        addExample(text, "");
    }

    /**
     * Keeps examples, all or none. When this returns, they survive a crash. They never leave the device.
     *
     * @throws IllegalArgumentException if one has no text, or more than 64 KiB of it, or a label of more than 256 bytes
     * @throws IllegalStateException without {@link Consent#LEARN}
     */
    void addExamples(List<Example> examples) throws IOException;

    /** Keeps what the right answer would have been, where the device gave a wrong one. */
    void correct(String text, String label) throws IOException;

    /** How many examples the device keeps. */
    int exampleCount();

    /** The best answer this device has to a text of any length. */
    Prediction predict(String text) throws InterruptedException, EngineException;

    /** Learns from the examples for this device alone. Takes seconds to minutes. */
    Personalization personalize() throws IOException, InterruptedException, EngineException;

    /** Takes part in a round, if one wants this device. Takes minutes to hours. */
    Participation takePart() throws IOException, InterruptedException;

    /** Installs the newest skill pack, if it is good. Takes seconds to minutes. */
    Installation update() throws IOException, InterruptedException, EngineException;

    /** Deletes all examples, and every adapter that was trained on them for this device alone. */
    void forget() throws IOException, InterruptedException;

    @Override
    void close() throws IOException;
}
