package dev.coppice.examples;

import dev.coppice.adapters.kit.KitRefusedException;
import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.kit.Task;
import dev.coppice.adapters.lora.Factors;
import dev.coppice.adapters.lora.LoraSpec;
import dev.coppice.adapters.model.BaseModel;
import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.agent.Agent;
import dev.coppice.agent.AgentConfig;
import dev.coppice.agent.Personalization;
import dev.coppice.agent.Personalizer;
import dev.coppice.agent.Prediction;
import dev.coppice.agent.policy.Consent;
import dev.coppice.agent.policy.WorkPolicy;
import dev.coppice.agent.training.Classroom.Course;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * An assistant for the house that gets better at its user's words, offline. Whatever is typed is a wish, except
 *
 * <pre>
 * no LABEL   the wish before meant this; the assistant keeps it
 * yes        it was right; it keeps that too
 * learn      it trains on what it kept
 * forget     it deletes what it kept and learned
 * quit
 * </pre>
 */
public final class Assistant {
    private final Personalizer agent;
    private final List<String> labels;
    private final PrintWriter out;
    private String wish = "";
    private String answer = "";

    /**
     * Needs no more than a {@link Personalizer}, so that its tests need no model.
     *
     * @param labels that there are
     */
    Assistant(Personalizer agent, List<String> labels, PrintWriter out) {
        this.agent = agent;
        this.labels = labels;
        this.out = out;
    }

    /** Arguments: a base model's folder, and a folder for what the assistant keeps. */
    public static void main(String[] arguments) throws Exception {
        if (arguments.length != 2) {
            System.err.println("arguments: the folder of a base model with labels, and a folder to keep things in");
            System.exit(2);
        }
        try (BaseModel model = BaseModel.open(Path.of(arguments[0]));
                Agent agent = Agent.open(config(model, Path.of(arguments[1])))) {
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
            out.println("Shall I keep what you correct, on this device alone? (y/n)");
            if ("y".equals(in.readLine())) {
                agent.allow(Consent.LEARN);
            } else {
                agent.withdraw(Consent.LEARN);
            }
            new Assistant(agent, model.config().labels(), out).talk(in);
        }
    }

    static AgentConfig config(BaseModel model, Path home) throws KitRefusedException {
        LoraSpec lora = new LoraSpec(4, 8, model.config().loraTargets(), Factors.B, 1);
        return AgentConfig.builder(home)
                .baseModel(model)
                .kitSpec(new KitSpec(
                        Task.TEXT_CLASSIFICATION, lora, model.config().labels(), 8, 24))
                .offline()
                .policy(WorkPolicy.ANY_TIME) // a person asks for it and waits
                .course(new Course(10, 10, 1e-2f))
                .build();
    }

    /** Answers line by line until there are no more. */
    void talk(BufferedReader in) throws IOException, InterruptedException, EngineException {
        for (String line = in.readLine(); line != null && !line.equals("quit"); line = in.readLine()) {
            String text = line.strip().toLowerCase(Locale.ROOT);
            if (!text.isEmpty()) {
                out.println(reply(text));
            }
        }
    }

    private String reply(String text) throws IOException, InterruptedException, EngineException {
        if (text.equals("learn")) {
            return told(agent.personalize());
        }
        if (text.equals("forget")) {
            agent.forget();
            return "forgotten";
        }
        if (text.equals("yes")) {
            return keep(answer);
        }
        if (text.startsWith("no ")) {
            return keep(text.substring(3).strip());
        }
        Prediction prediction = agent.predict(text);
        wish = text;
        answer = prediction.label();
        return String.format(Locale.ROOT, "%s (%.0f %%)", answer, 100 * prediction.probability());
    }

    private String keep(String label) throws IOException {
        if (wish.isEmpty()) {
            return "first tell me a wish";
        }
        if (!labels.contains(label)) {
            return "I know these: " + String.join(", ", labels);
        }
        if (!agent.allows(Consent.LEARN)) {
            return "you do not want me to keep anything";
        }
        if (label.equals(answer)) {
            agent.addExample(wish, label);
        } else {
            agent.correct(wish, label);
        }
        return "kept; that makes " + agent.exampleCount();
    }

    private static String told(Personalization result) {
        if (result instanceof Personalization.Improved better) {
            return String.format(
                    Locale.ROOT, "better: loss %.2f before, %.2f now", better.lossBefore(), better.lossAfter());
        }
        if (result instanceof Personalization.TooFewExamples few) {
            return "I need more than " + (few.training() + few.heldOut()) + " corrections to learn from";
        }
        return "that did not help; I stay as I am";
    }
}
