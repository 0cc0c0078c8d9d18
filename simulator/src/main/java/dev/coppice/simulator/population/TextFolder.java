package dev.coppice.simulator.population;

import dev.coppice.adapters.text.Example;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Reads a folder with one text file per user: the file's name is the user, each line that is not blank a text. */
final class TextFolder {
    private static final int NAME_LENGTH_MAX = 64;

    private TextFolder() {}

    static List<Line> read(Path folder) throws IOException, PopulationRefusedException {
        List<Line> lines = new ArrayList<>();
        for (Path file : files(folder)) {
            String user = user(file);
            try {
                for (String text : Files.readAllLines(file)) {
                    if (!text.isBlank()) {
                        lines.add(new Line(new Example(text.strip(), ""), user));
                    }
                }
            } catch (MalformedInputException e) {
                throw new PopulationRefusedException(file + " is not text in UTF-8", e);
            }
        }
        return lines;
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> !String.valueOf(file.getFileName()).startsWith("."))
                    .sorted()
                    .toList();
        }
    }

    private static String user(Path file) {
        String name = String.valueOf(file.getFileName());
        return name.length() <= NAME_LENGTH_MAX ? name : name.substring(0, NAME_LENGTH_MAX);
    }
}
