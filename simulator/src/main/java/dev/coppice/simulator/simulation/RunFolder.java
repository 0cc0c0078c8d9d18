package dev.coppice.simulator.simulation;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** A folder for all that a scenario's run leaves behind. */
public final class RunFolder {
    private static final String MARK = ".coppice-simulation";

    private RunFolder() {}

    /**
     * Makes a folder, or takes one that an earlier run left.
     *
     * @throws IllegalArgumentException if it holds what no run wrote
     */
    public static void prepare(Path out) throws IOException {
        Files.createDirectories(out);
        if (!Files.exists(out.resolve(MARK)) && !isEmpty(out)) {
            throw new IllegalArgumentException(
                    out + " already holds something that no simulation wrote; choose another folder");
        }
        Files.writeString(out.resolve(MARK), "Written by coppice simulate, which may replace what it wrote here.\n");
    }

    /** JSON for people. */
    public static String pretty(Object json) throws IOException {
        return JsonMapper.builder()
                        .enable(SerializationFeature.INDENT_OUTPUT)
                        .build()
                        .writeValueAsString(json)
                + "\n";
    }

    private static boolean isEmpty(Path folder) throws IOException {
        try (Stream<Path> inside = Files.list(folder)) {
            return inside.findAny().isEmpty();
        }
    }
}
