package dev.coppice.simulator.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.coppice.adapters.format.FormatRefusedException;
import dev.coppice.adapters.format.PeftAdapter;
import dev.coppice.adapters.inference.Adapter;
import dev.coppice.adapters.pack.PackContents;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** The adapters on top of a model, which several commands take. */
final class AdapterOptions {
    @Option(
            names = "--adapter",
            paramLabel = "DIR",
            description = "an adapter's folder as PEFT or a skill pack has it; several are stacked")
    private List<Path> folders = new ArrayList<>();

    /** Reads them, in the order in which they were named. */
    List<PeftAdapter> read() throws IOException, FormatRefusedException {
        List<PeftAdapter> adapters = new ArrayList<>();
        for (Path folder : folders) {
            adapters.add(PeftAdapter.read(folder));
        }
        return adapters;
    }

    List<Adapter> adapters() throws IOException, FormatRefusedException {
        return read().stream().map(Adapter::of).toList();
    }

    /** Labels that the last skill pack among them names; none if there is none. */
    List<String> labels() throws IOException {
        List<String> labels = new ArrayList<>();
        for (Path folder : folders) {
            Path skill = folder.resolve(PackContents.SKILL);
            if (Files.isRegularFile(skill)) {
                labels.clear();
                new ObjectMapper().readTree(skill.toFile()).path("labels").forEach(label -> labels.add(label.asText()));
            }
        }
        return labels;
    }
}
