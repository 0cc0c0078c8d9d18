package dev.coppice.aggregator.console;

import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.PathVariable;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.swagger.v3.oas.annotations.Hidden;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Properties;

/** Scripts and styles of the pages, from our jar and from those of the libraries. */
@Hidden
@Controller("/console/assets")
@ExecuteOn(TaskExecutors.VIRTUAL)
final class AssetController {
    private record Asset(String resource, String type) {}

    private static final String SCRIPT = "text/javascript";
    private static final String LIBRARIES = "/META-INF/resources/webjars/";

    private static final Map<String, Asset> ASSETS = Map.of(
            "console.css", new Asset("/console/console.css", "text/css"),
            "console.js", new Asset("/console/console.js", SCRIPT),
            "htmx.js", library("htmx.org", "dist/htmx.min.js"),
            "sse.js", library("htmx-ext-sse", "sse.js"),
            "echarts.js", library("echarts", "dist/echarts.min.js"));

    /** A file of a library, in the version that the build chose: its jar says which. */
    private static Asset library(String name, String file) {
        String about = "/META-INF/maven/org.webjars.npm/" + name + "/pom.properties";
        Properties properties = new Properties();
        try (InputStream in = AssetController.class.getResourceAsStream(about)) {
            if (in == null) {
                throw new IllegalStateException("No jar of " + name + " is on the class path");
            }
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException("The jar of " + name + " cannot be read", e);
        }
        return new Asset(LIBRARIES + name + "/" + properties.getProperty("version") + "/" + file, SCRIPT);
    }

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
