package dev.coppice.aggregator.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.coppice.aggregator.enrolment.RequestRefusedException;
import dev.coppice.aggregator.enrolment.RequestRefusedException.Kind;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import java.io.IOException;

/** JSON bodies of the admin API. */
final class Json {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private Json() {}

    static HttpResponse<byte[]> ok(Object body) {
        return HttpResponse.ok(bytes(body)).contentType(MediaType.APPLICATION_JSON_TYPE);
    }

    static byte[] bytes(Object body) {
        try {
            return MAPPER.writeValueAsBytes(body);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Plain values are always JSON", e);
        }
    }

    /** What we have written ourselves. */
    static JsonNode tree(byte[] written) {
        try {
            return MAPPER.readTree(written);
        } catch (IOException e) {
            throw new IllegalStateException("What we write is JSON", e);
        }
    }

    static JsonNode parse(byte[] body) throws RequestRefusedException {
        try {
            return MAPPER.readTree(body);
        } catch (IOException e) {
            throw new RequestRefusedException(Kind.MALFORMED, "Not JSON");
        }
    }
}
