package dev.coppice.simulator.cli;

import dev.coppice.adapters.format.FormatRefusedException;
import dev.coppice.adapters.inference.Adapter;
import dev.coppice.adapters.inference.AdapterFolder;
import java.io.IOException;
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
    List<AdapterFolder> read() throws IOException, FormatRefusedException {
        List<AdapterFolder> adapters = new ArrayList<>();
        for (Path folder : folders) {
            adapters.add(AdapterFolder.read(folder));
        }
        return adapters;
    }

    static List<Adapter> adapters(List<AdapterFolder> folders) {
        return folders.stream().map(AdapterFolder::adapter).toList();
    }
}
