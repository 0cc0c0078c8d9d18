package dev.coppice.aggregator.console;

import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.PathVariable;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;

/** Scripts and styles of the pages, from our jar and from those of the libraries. */
@Controller("/console/assets")
@ExecuteOn(TaskExecutors.VIRTUAL)
final class AssetController {
    private record Asset(String resource, String type) {}

    private static final String SCRIPT = "text/javascript";
    private static final String LIBRARIES = "/META-INF/resources/webjars/";

    private static final Map<String, Asset> ASSETS = Map.of(
            "console.css", new Asset("/console/console.css", "text/css"),
            "console.js", new Asset("/console/console.js", SCRIPT),
            "htmx.js", new Asset(LIBRARIES + "htmx.org/2.0.7/dist/htmx.min.js", SCRIPT),
            "sse.js", new Asset(LIBRARIES + "htmx-ext-sse/2.2.2/sse.js", SCRIPT),
            "echarts.js", new Asset(LIBRARIES + "echarts/5.3.1/dist/echarts.min.js", SCRIPT));

    @Get("/{name}")
    HttpResponse<?> asset(@PathVariable String name) throws IOException {
        Asset asset = ASSETS.get(name);
        if (asset == null) {
            return HttpResponse.notFound();
        }
        try (InputStream in = AssetController.class.getResourceAsStream(asset.resource())) {
            if (in == null) {
                throw new IOException("The jar lacks " + asset.resource());
            }
            return HttpResponse.ok(in.readAllBytes())
                    .contentType(asset.type())
                    .header("X-Content-Type-Options", "nosniff")
                    .header(HttpHeaders.CACHE_CONTROL, "public, max-age=3600");
        }
    }
}
