package dev.coppice.aggregator.console;

import com.google.protobuf.ByteString;
import dev.coppice.aggregator.http.FileReply;
import dev.coppice.crypto.Sha256;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.PathVariable;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.swagger.v3.oas.annotations.Hidden;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.GZIPOutputStream;

/** Scripts and styles of the pages, from our jar and from those of the libraries. */
@Hidden
@Controller("/console/assets")
@ExecuteOn(TaskExecutors.VIRTUAL)
final class AssetController {
    private record Asset(String resource, String type) {}

    /** What is sent of an asset, each time the same bytes: who does not read a reply holds none of their own. */
    private record Form(ByteString bytes, String sha256) {
        static Form of(byte[] bytes) {
            return new Form(ByteString.copyFrom(bytes), Sha256.hex(bytes));
        }
    }

    private record Forms(Form plain, Form zipped) {}

    private static final String GZIP = "gzip";
    private static final String SCRIPT = "text/javascript";
    private static final String LIBRARIES = "/META-INF/resources/webjars/";

    private static final Map<String, Asset> ASSETS = Map.of(
            "console.css", new Asset("/console/console.css", "text/css"),
            "console.js", new Asset("/console/console.js", SCRIPT),
            "htmx.js", library("htmx.org", "dist/htmx.min.js"),
            "sse.js", library("htmx-ext-sse", "sse.js"),
            "echarts.js", library("echarts", "dist/echarts.min.js"));

    private final Map<String, Forms> read = new ConcurrentHashMap<>();

    private final Instant started;

    AssetController(InstantSource clock) {
        this.started = clock.instant();
    }

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
    HttpResponse<?> asset(@PathVariable String name, HttpRequest<?> request) {
        Asset asset = ASSETS.get(name);
        if (asset == null) {
            return HttpResponse.notFound();
        }
        Forms forms = read.computeIfAbsent(asset.resource(), AssetController::read);
        boolean isZipped = FileReply.accepts(request.getHeaders(), GZIP);
        Form form = isZipped ? forms.zipped() : forms.plain();
        MutableHttpResponse<?> reply = new FileReply(
                        request.getHeaders(), form.sha256(), form.bytes().size(), started)
                .of(from -> form.bytes().substring((int) from).newInput());
        return (isZipped ? reply.header(HttpHeaders.CONTENT_ENCODING, GZIP) : reply)
                .contentType(asset.type())
                .header("X-Content-Type-Options", "nosniff")
                .header(HttpHeaders.CACHE_CONTROL, "public, max-age=3600")
                .header(HttpHeaders.VARY, HttpHeaders.ACCEPT_ENCODING);
    }

    private static Forms read(String resource) {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (InputStream in = AssetController.class.getResourceAsStream(resource);
                GZIPOutputStream zip = new GZIPOutputStream(zipped)) {
            if (in == null) {
                throw new IOException("The jar lacks " + resource);
            }
            byte[] plain = in.readAllBytes();
            zip.write(plain);
            zip.finish();
            return new Forms(Form.of(plain), Form.of(zipped.toByteArray()));
        } catch (IOException e) {
            throw new UncheckedIOException("A file of the console cannot be read", e);
        }
    }
}
