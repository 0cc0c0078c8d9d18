package dev.coppice.aggregator.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coppice.aggregator.store.StoreException;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class FailuresTest {
    private static final String INSIDE = "row of d-1 in /home/coppice";

    @Test
    void aFailureOfOurOwnSaysNothingOfWhatIsInside() {
        RuntimeException cause = new IllegalStateException(INSIDE);
        for (String path : List.of("/v1/checkin", "/v1/admin/tasks")) {
            HttpRequest<?> request = HttpRequest.GET(path);
            assertSilent(500, new Failures.Unexpected().handle(request, cause));
            assertSilent(503, new Failures.BrokenStore().handle(request, new StoreException(INSIDE, cause)));
        }
    }

    private static void assertSilent(int status, HttpResponse<byte[]> reply) {
        assertThat(reply.code()).isEqualTo(status);
        assertThat(new String(reply.body(), StandardCharsets.UTF_8))
                .isNotEmpty()
                .doesNotContain("d-1", "coppice", "Exception");
    }
}
