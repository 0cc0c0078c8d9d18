package dev.coppice.simulator.pretraining;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** The README.md that goes with a model: how it was made, and what it is worth. */
public final class ModelCard {
    private ModelCard() {}

    public static void write(
            Path folder, String command, Corpus corpus, PretrainingSettings settings, HeldOutFigures figures)
            throws IOException {
        Files.writeString(folder.resolve("README.md"), text(command, corpus, settings, figures));
    }

    private static String text(String command, Corpus corpus, PretrainingSettings settings, HeldOutFigures figures) {
        return String.format(
                Locale.ROOT,
                """
                # %s

                A small Phi-style decoder (RMSNorm, rotary positions, SwiGLU, tied embeddings) with a byte-level BPE
                tokenizer%s. Made by

                ```
                %s
                ```

                | | |
                |---|---|
                | seed | %d |
                | texts learned from | %,d |
                | texts measured on, of people not learned from | %,d |
                | width, layers, heads | %d, %d, %d |
                | steps x batch x tokens | %,d x %d x %d |
                | held-out loss of the next token | %.4f nats |
                %s
                The texts are made up or what the command names; nothing else went in.
                """,
                settings.name(),
                corpus.labels().isEmpty()
                        ? ""
                        : " and a head of " + corpus.labels().size() + " labels",
                command,
                settings.seed(),
                corpus.train().size(),
                corpus.heldOut().size(),
                settings.width(),
                settings.layers(),
                settings.heads(),
                settings.steps(),
                settings.batch(),
                settings.length(),
                figures.tokenLoss(),
                labels(corpus, figures));
    }

    private static String labels(Corpus corpus, HeldOutFigures figures) {
        return corpus.labels().isEmpty()
                ? ""
                : String.format(
                        Locale.ROOT,
                        "| held-out loss of the label | %.4f nats |%n| held-out accuracy of the label | %.1f %% |%n",
                        figures.labelLoss(),
                        100 * figures.accuracy());
    }
}
