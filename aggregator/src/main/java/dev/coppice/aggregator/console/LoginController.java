package dev.coppice.aggregator.console;

import static j2html.TagCreator.button;
import static j2html.TagCreator.code;
import static j2html.TagCreator.div;
import static j2html.TagCreator.form;
import static j2html.TagCreator.iff;
import static j2html.TagCreator.input;
import static j2html.TagCreator.label;
import static j2html.TagCreator.p;

import dev.coppice.aggregator.access.Admission;
import dev.coppice.aggregator.access.SessionCookies;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Post;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.authentication.Authentication;
import io.swagger.v3.oas.annotations.Hidden;
import java.net.URI;
import java.util.Map;
import java.util.Optional;

/** In and out of the console. */
@Hidden
@Controller("/console")
@ExecuteOn(TaskExecutors.VIRTUAL)
final class LoginController {
    private final Admission admission;
    private final SessionCookies cookies;

    LoginController(Admission admission, SessionCookies cookies) {
        this.admission = admission;
        this.cookies = cookies;
    }

    @Get("/login")
    HttpResponse<?> login() {
        return page(HttpStatus.OK, false);
    }

    /** Each log-in begins a session of its own, whatever cookie came along. */
    @Post("/login")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    HttpResponse<?> enter(@Body Map<String, String> fields, HttpRequest<?> request) {
        Optional<Authentication> who =
                admission.find(fields.getOrDefault("token", "").strip(), request);
        return who.<HttpResponse<?>>map(
                        known -> HttpResponse.seeOther(URI.create("/console")).cookie(cookies.begin(known, request)))
                .orElseGet(() -> page(HttpStatus.UNAUTHORIZED, true));
    }

    @Post("/logout")
    @Consumes(MediaType.ALL)
    HttpResponse<?> leave(HttpRequest<?> request) {
        return HttpResponse.seeOther(URI.create("/console/login")).cookie(cookies.end(request));
    }

    private static HttpResponse<String> page(HttpStatus status, boolean refused) {
        return Page.bare(
                status,
                "Log in",
                iff(refused, div("This token opens nothing here.").attr("role", "alert")),
                form(
                                label("Token").withFor("token"),
                                input().withType("password")
                                        .withId("token")
                                        .withName("token")
                                        .isRequired()
                                        .isAutofocus()
                                        .attr("autocomplete", "current-password"),
                                button("Log in").withType("submit"))
                        .withMethod("post")
                        .withAction("/console/login")
                        .withClass("stacked"),
                p(
                        j2html.TagCreator.text("The operator's token is in "),
                        code("operator.token"),
                        j2html.TagCreator.text(
                                " in the aggregator's home. An access token of your identity provider does as well.")));
    }
}
