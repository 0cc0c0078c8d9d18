package dev.coppice.simulator.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.coppice.adapters.runtime.EngineException;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code coppice agent export}. */
@Command(
        name = "export",
        mixinStandardHelpOptions = true,
        header = "Writes all that the device keeps of its user into a folder.",
        description = {
            "In the clear: examples.jsonl, report.txt, and the personal adapter in use as personal.safetensors."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  coppice agent export --out ./mine"})
final class AgentExportCommand extends AgentQuestion {
    @Option(names = "--out", required = true, paramLabel = "DIR", description = "a folder that does not exist yet")
    private Path out = Path.of(".");

    @Override
    JsonNode ask() throws IOException, InterruptedException, EngineException {
        if (Files.exists(out)) {
            throw wrong(out + " exists already");
        }
        JsonNode all = ask("export", object());
        Files.createDirectories(out);
        try (BufferedWriter examples = Files.newBufferedWriter(out.resolve("examples.jsonl"))) {
            for (JsonNode example : all.path("examples")) {
                examples.write(example.toString());
                examples.newLine();
            }
        }
        try (BufferedWriter report = Files.newBufferedWriter(out.resolve("report.txt"))) {
            for (JsonNode sentence : all.path("sentences")) {
                report.write(sentence.asText());
                report.newLine();
            }
        }
        byte[] adapter = all.path("personalAdapter").binaryValue();
        if (adapter != null && adapter.length > 0) {
            Files.write(out.resolve("personal.safetensors"), adapter);
        }
        return object().put("out", out.toString())
                .put("examples", all.path("examples").size());
    }
}
