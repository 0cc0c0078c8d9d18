package dev.coppice.aggregator.traffic;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * What went over the wire between some devices and a server, from enrolment to the end of a round, and what the server must have to go
 * on in the middle of it. Its file is JSON, packed (gzip);
 * bytes are in Base64.
 *
 * @param serverKey seed of the key that signed the terms
 * @param authorityKey seed of the enrolment authority's
 * @param tokens that devices enrolled with
 * @param exchanges in the order in which the server took them
 * @param result the adapter that the round made
 */
public record Recording(
        String serverKey,
        String authorityKey,
        Task task,
        List<String> tokens,
        List<Exchange> exchanges,
        String result) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * The task as the server had stored it, with its round.
     *
     * @param definition JSON
     * @param template of its rounds' terms
     * @param candidate the adapter that the round started from
     * @param terms of the round, signed
     */
    public record Task(String id, String definition, String template, String candidate, String roundId, String terms) {}

    /** One request and what it was answered with. */
    public record Exchange(
            long epochMillis, String path, Map<String, String> headers, String request, int status, String reply) {
        boolean isEnrolment() {
            return path.equals("/v1/enrol");
        }
    }

    static String text(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    static byte[] bytes(String text) {
        return Base64.getDecoder().decode(text);
    }

    static Recording read(Path file) throws IOException {
        try (GZIPInputStream in = new GZIPInputStream(Files.newInputStream(file))) {
            return JSON.readValue(in, Recording.class);
        }
    }

    void write(Path file) throws IOException {
        Files.createDirectories(file.resolveSibling(""));
        try (GZIPOutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            JSON.writeValue(out, this);
        }
    }
}
