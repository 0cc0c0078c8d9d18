package dev.coppice.aggregator.http;

import io.micronaut.http.HttpResponse;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.swagger.v3.oas.annotations.Hidden;
import io.swagger.v3.oas.annotations.OpenAPIDefinition;
import io.swagger.v3.oas.annotations.enums.SecuritySchemeType;
import io.swagger.v3.oas.annotations.info.Info;
import io.swagger.v3.oas.annotations.security.SecurityRequirement;
import io.swagger.v3.oas.annotations.security.SecurityScheme;
import java.io.IOException;
import java.io.InputStream;

/** The admin API's description, as the build made it of the controllers. */
@Controller("/v1/openapi.yml")
@ExecuteOn(TaskExecutors.VIRTUAL)
@OpenAPIDefinition(
        info =
                @Info(
                        title = "coppice-admin",
                        version = "1",
                        description = "What operators do. A change may carry an Idempotency-Key of 1 to 200 characters:"
                                + " sent again within a day, it is answered the same and done once."),
        security = @SecurityRequirement(name = "bearer"))
@SecurityScheme(name = "bearer", type = SecuritySchemeType.HTTP, scheme = "bearer")
@Hidden
final class OpenApiController {
    private static final String DOCUMENT = "/META-INF/swagger/coppice-admin-1.yml";

    @Get
    HttpResponse<byte[]> document() throws IOException {
        try (InputStream in = OpenApiController.class.getResourceAsStream(DOCUMENT)) {
            if (in == null) {
                throw new IOException("The jar lacks " + DOCUMENT);
            }
            return HttpResponse.ok(in.readAllBytes())
                    .contentType("application/yaml")
                    .header("Cache-Control", Caching.A_MOMENT);
        }
    }
}
