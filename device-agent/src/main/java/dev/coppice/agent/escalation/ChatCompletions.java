package dev.coppice.agent.escalation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import dev.coppice.agent.upload.BoundedHttp;
import dev.coppice.agent.upload.Transport.Reply;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A model behind an endpoint for chat completions, as OpenAI's API has it and many servers, local ones too, offer it.
 * Uses {@code model}, {@code messages}, {@code max_tokens} and {@code temperature}, and reads
 * {@code choices[0].message.content}.
 */
public final class ChatCompletions implements LargerModel, AutoCloseable {
    private static final int REPLY_BYTES_MAX = 1 << 16;
    private static final int ANSWER_CHARACTERS_MAX = 1_000;
    private static final int ANSWER_TOKENS_MAX = 32;
    private static final int NESTING_MAX = 20;
    private static final Set<String> THIS_MACHINE = Set.of("localhost", "127.0.0.1", "[::1]");

    private static final ObjectMapper JSON = JsonMapper.builder(com.fasterxml.jackson.core.JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(NESTING_MAX)
                            .build())
                    .build())
            .build();

    private final BoundedHttp http = new BoundedHttp();
    private final URI address;
    private final ApiKey key;
    private final String model;
    private final Duration longest;

    /**
     * @param base such as {@code https://models.example/v1}; https, unless it is this machine
     * @param model what the endpoint calls it
     * @param longest time to the last byte of an answer
     */
    public ChatCompletions(URI base, ApiKey key, String model, Duration longest) {
        boolean isSafe = "https".equals(base.getScheme())
                || ("http".equals(base.getScheme()) && base.getHost() != null && THIS_MACHINE.contains(base.getHost()));
        if (!isSafe || base.getHost() == null || base.getUserInfo() != null) {
            throw new IllegalArgumentException(
                    "the endpoint's address begins with https:// and has no credentials in it");
        }
        this.address = URI.create(base.toString().replaceFirst("/+$", "") + "/chat/completions");
        this.key = key;
        this.model = model;
        this.longest = longest;
    }

    @Override
    public String ask(RedactedText question, List<String> labels) throws IOException, InterruptedException {
        ObjectNode request = JSON.createObjectNode();
        request.put("model", model);
        request.put("max_tokens", ANSWER_TOKENS_MAX);
        request.put("temperature", 0);
        request.withArray("messages")
                .add(message(
                        "system",
                        "Answer with one of these labels and nothing else, or with none if no label fits: "
                                + String.join(", ", labels)))
                .add(message("user", question.text()));
        Map<String, String> headers = Map.of("content-type", "application/json", "authorization", key.bearer());
        Reply reply = http.post(
                address, headers, ByteString.copyFrom(JSON.writeValueAsBytes(request)), REPLY_BYTES_MAX, longest);
        if (reply.status() != 200) {
            throw new IOException("the larger model's server answered " + reply.status());
        }
        return answer(reply.body().toByteArray());
    }

    @Override
    public void close() {
        http.close();
    }

    /** Throws without what was read: it may repeat the question. */
    static String answer(byte[] body) throws IOException {
        JsonNode content;
        try {
            content =
                    JSON.readTree(body).path("choices").path(0).path("message").path("content");
        } catch (JsonProcessingException e) {
            throw new IOException("the larger model's answer is no JSON");
        }
        if (!content.isTextual() || content.textValue().length() > ANSWER_CHARACTERS_MAX) {
            throw new IOException("the larger model's answer has no text, or a long one");
        }
        return content.textValue().strip();
    }

    private static ObjectNode message(String role, String content) {
        return JSON.createObjectNode().put("role", role).put("content", content);
    }
}
