package dev.coppice.aggregator.console;

import static j2html.TagCreator.a;
import static j2html.TagCreator.button;
import static j2html.TagCreator.code;
import static j2html.TagCreator.div;
import static j2html.TagCreator.form;
import static j2html.TagCreator.iff;
import static j2html.TagCreator.input;
import static j2html.TagCreator.label;
import static j2html.TagCreator.p;

import dev.coppice.aggregator.access.Admission;
import dev.coppice.aggregator.access.BrowserLogin;
import dev.coppice.aggregator.access.LoginAttempt;
import dev.coppice.aggregator.access.LoginCookies;
import dev.coppice.aggregator.access.Paths;
import dev.coppice.aggregator.access.SessionCookies;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.QueryValue;
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
    private final BrowserLogin browser;
    private final LoginCookies attempts;

    LoginController(Admission admission, SessionCookies cookies, BrowserLogin browser, LoginCookies attempts) {
        this.admission = admission;
        this.cookies = cookies;
        this.browser = browser;
        this.attempts = attempts;
    }

    @Get("/login")
    HttpResponse<?> login() {
        return page(HttpStatus.OK, "");
    }

    /** To the identity provider's own page. */
    @Get("/login/provider")
    HttpResponse<?> ask(HttpRequest<?> request) {
        if (!browser.isOffered()) {
            return Page.bare(HttpStatus.NOT_FOUND, "There is no identity provider");
        }
        LoginAttempt attempt = browser.begin();
        return HttpResponse.seeOther(browser.address(attempt)).cookie(attempts.begin(attempt, request));
    }

    /**
     * Back from there. The console is opened by a page of ours and not by a redirect, since a browser that comes from elsewhere does
     * not send the session along.
     */
    @Get("/login/callback")
    HttpResponse<?> back(
            @QueryValue(defaultValue = "") String state,
            @QueryValue(defaultValue = "") String code,
            HttpRequest<?> request) {
        Optional<Authentication> who = attempts.find(request)
                .filter(attempt -> attempt.isAnsweredBy(state))
                .flatMap(attempt -> browser.finish(attempt, code));
        HttpResponse<String> page = who.isPresent()
                ? Page.bare(HttpStatus.OK, "You are in", a("Go to the console").withHref(Paths.CONSOLE))
                : page(HttpStatus.UNAUTHORIZED, "Your identity provider's word opens nothing here.");
        MutableHttpResponse<?> answer = page.toMutableResponse().cookie(attempts.end(request));
        who.ifPresent(
                known -> answer.header("Refresh", "0; url=" + Paths.CONSOLE).cookie(cookies.begin(known, request)));
        return answer;
    }

    /** Each log-in begins a session of its own, whatever cookie came along. */
    @Post("/login")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    HttpResponse<?> enter(@Body Map<String, String> fields, HttpRequest<?> request) {
        Optional<Authentication> who =
                admission.find(fields.getOrDefault("token", "").strip(), request);
        return who.<HttpResponse<?>>map(
                        known -> HttpResponse.seeOther(URI.create("/console")).cookie(cookies.begin(known, request)))
                .orElseGet(() -> page(HttpStatus.UNAUTHORIZED, "This token opens nothing here."));
    }

    @Post("/logout")
    @Consumes(MediaType.ALL)
    HttpResponse<?> leave(HttpRequest<?> request) {
        return HttpResponse.seeOther(URI.create("/console/login")).cookie(cookies.end(request));
    }

    private HttpResponse<String> page(HttpStatus status, String refused) {
        return Page.bare(
                status,
                "Log in",
                iff(!refused.isEmpty(), div(refused).attr("role", "alert")),
                iff(
                        browser.isOffered(),
                        p(a("Log in with your identity provider").withHref(Paths.LOGIN + "/provider"))),
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
