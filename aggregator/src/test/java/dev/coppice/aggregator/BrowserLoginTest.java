package dev.coppice.aggregator;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jwt.JWTClaimsSet;
import dev.coppice.aggregator.fleet.AggregatorProcess;
import dev.coppice.aggregator.fleet.IdentityProvider;
import dev.coppice.aggregator.fleet.Wire;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Logging in at the console by an identity provider's own page; a browser's steps, one by one, so that each can be another's. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BrowserLoginTest {
    private IdentityProvider provider;
    private AggregatorProcess aggregator;
    private Wire wire;

    /** What a browser holds that was sent to the provider and came back from there. */
    private record Visit(String cookie, String code, String state) {
        Visit with(Visit other) {
            return new Visit(cookie, other.code, state);
        }
    }

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        provider = new IdentityProvider();
        aggregator = new AggregatorProcess(folder, List.of(), provider.environment());
        wire = new Wire(List.of(aggregator.uri()));
    }

    @AfterAll
    void stop() {
        aggregator.close();
        provider.close();
    }

    @BeforeEach
    void honest() throws Exception {
        provider.checksVerifier = true;
        provider.says = claims -> claims;
        provider.signs = provider.ownKey();
    }

    @Test
    void whoTheProviderKnowsIsInWithTheRolesThatItNames() throws Exception {
        assertThat(text(wire.once(HttpRequest.newBuilder().GET(), "/console/login")))
                .contains("href=\"/console/login/provider\"");
        HttpResponse<byte[]> entered = back(visit());
        assertThat(entered.statusCode()).isEqualTo(200);
        assertThat(entered.headers().firstValue("refresh")).contains("0; url=/console");
        String session = cookie(entered, "coppice-session");
        assertThat(page("/console", session)).isEqualTo(200);
        assertThat(post("/console/tasks", session)).as("a viewer's").isEqualTo(403);
        HttpRequest.Builder look = HttpRequest.newBuilder().GET().header("cookie", "coppice-session=" + session);
        assertThat(text(wire.once(look, "/console/audit"))).contains("GET /console/login/callback");
    }

    @Test
    void theBrowserKeepsTheAttemptForTheWayBackAloneAndForgetsItThen() throws Exception {
        HttpResponse<byte[]> sent = wire.once(HttpRequest.newBuilder().GET(), "/console/login/provider");
        assertThat(sent.headers().firstValue("set-cookie").orElseThrow())
                .containsIgnoringCase("HttpOnly")
                .contains("SameSite=Lax", "Path=/console/login");
        assertThat(cookie(back(visit()), "coppice-login")).isEmpty();
    }

    @Test
    void anAnswerToAnotherQuestionIsNone() throws Exception {
        Visit visit = visit();
        Visit other = visit();
        String session = session();
        int before = provider.codesChanged();
        refused(new Visit(visit.cookie(), visit.code(), other.state()));
        refused(new Visit(visit.cookie(), visit.code(), ""));
        refused(new Visit("", visit.code(), visit.state()));
        refused(new Visit(visit.cookie() + "x", visit.code(), visit.state()));
        refused(new Visit(session, visit.code(), visit.state()));
        assertThat(provider.codesChanged()).as("nobody asked the provider").isEqualTo(before);
        assertThat(back(visit).statusCode()).isEqualTo(200);
    }

    @Test
    void anAnswerIsGoodOnce() throws Exception {
        Visit visit = visit();
        assertThat(back(visit).statusCode()).isEqualTo(200);
        refused(visit);
    }

    /** Whoever got hold of a code brings it in by a log-in of his own. */
    @Test
    void aCodeOfAnotherLoginIsOfNoUseWithOrWithoutAProviderThatLooksAtVerifiers() throws Exception {
        Visit own = visit();
        Visit victims = visit();
        refused(own.with(victims));
        provider.checksVerifier = false;
        int before = provider.codesChanged();
        refused(own.with(victims));
        assertThat(provider.codesChanged()).as("its ID token had another nonce").isEqualTo(before + 1);
    }

    static Stream<UnaryOperator<JWTClaimsSet.Builder>> lies() {
        Date past = Date.from(Instant.now().minusSeconds(3600));
        return Stream.of(
                claims -> claims.issuer("https://other.example"),
                claims -> claims.audience("another client"),
                claims -> claims.audience(List.of(IdentityProvider.CLIENT, "another client")),
                claims -> claims.claim("azp", "another client"),
                claims -> claims.expirationTime(past),
                claims -> claims.expirationTime(null),
                claims -> claims.subject(null),
                claims -> claims.claim("nonce", null),
                claims -> claims.claim("nonce", List.of("x")),
                claims -> claims.claim("roles", List.of("king")));
    }

    @ParameterizedTest
    @MethodSource("lies")
    void anIdTokenThatIsNotForThisLoginOpensNothing(UnaryOperator<JWTClaimsSet.Builder> lie) throws Exception {
        provider.says = lie;
        refused(visit());
    }

    @Test
    void anIdTokenOfAnotherKeyOpensNothing() throws Exception {
        provider.signs = IdentityProvider.key();
        refused(visit());
    }

    @Test
    void whoRefusesAtTheProviderIsNotIn() throws Exception {
        Visit visit = visit();
        HttpRequest.Builder request =
                HttpRequest.newBuilder().GET().header("cookie", "coppice-login=" + visit.cookie());
        assertThat(wire.once(request, "/console/login/callback?error=access_denied&state=" + visit.state())
                        .statusCode())
                .isEqualTo(401);
    }

    /** What is planted in a browser before it logs in is not what it is in by afterwards, nor is an attempt a session. */
    @Test
    void aSessionThatWasThereBeforeIsNoneAfter() throws Exception {
        Visit visit = visit();
        String planted = cookie(
                wire.once(
                        HttpRequest.newBuilder()
                                .header("sec-fetch-site", "same-origin")
                                .header("content-type", "application/x-www-form-urlencoded")
                                .POST(BodyPublishers.ofString("token=" + aggregator.token())),
                        "/console/login"),
                "coppice-session");
        HttpRequest.Builder request = HttpRequest.newBuilder()
                .GET()
                .header("cookie", "coppice-session=" + planted + "; coppice-login=" + visit.cookie());
        HttpResponse<byte[]> entered = wire.once(request, callback(visit));
        assertThat(cookie(entered, "coppice-session")).isNotEmpty().isNotEqualTo(planted);
        assertThat(page("/console", visit.cookie())).isEqualTo(303);
    }

    private String session() throws IOException {
        return cookie(back(visit()), "coppice-session");
    }

    /** To the provider, and back to our door. */
    private Visit visit() throws IOException {
        HttpResponse<byte[]> sent = wire.once(HttpRequest.newBuilder().GET(), "/console/login/provider");
        assertThat(sent.statusCode()).isEqualTo(303);
        URI there = URI.create(sent.headers().firstValue("location").orElseThrow());
        HttpResponse<byte[]> agreed =
                new Wire(List.of(there)).once(HttpRequest.newBuilder().GET(), there.toString());
        URI callback = URI.create(agreed.headers().firstValue("location").orElseThrow());
        assertThat(callback.toString()).startsWith(IdentityProvider.CALLBACK + "?");
        Matcher query = Pattern.compile("code=(.+)&state=(.+)").matcher(callback.getQuery());
        assertThat(query.matches()).isTrue();
        return new Visit(cookie(sent, "coppice-login"), query.group(1), query.group(2));
    }

    private HttpResponse<byte[]> back(Visit visit) throws IOException {
        return wire.once(
                HttpRequest.newBuilder()
                        .GET()
                        .header("sec-fetch-site", "cross-site")
                        .header("cookie", "coppice-login=" + visit.cookie()),
                callback(visit));
    }

    private static String callback(Visit visit) {
        return "/console/login/callback?code=" + visit.code() + "&state=" + visit.state();
    }

    private void refused(Visit visit) throws IOException {
        HttpResponse<byte[]> reply = back(visit);
        assertThat(reply.statusCode()).isEqualTo(401);
        assertThat(reply.headers().allValues("set-cookie")).noneMatch(cookie -> cookie.startsWith("coppice-session"));
    }

    private static String cookie(HttpResponse<byte[]> reply, String name) {
        String cookie = reply.headers().allValues("set-cookie").stream()
                .filter(one -> one.startsWith(name + "="))
                .findFirst()
                .orElseThrow();
        return cookie.substring(name.length() + 1, cookie.indexOf(';'));
    }

    private int page(String path, String session) throws IOException {
        return wire.once(HttpRequest.newBuilder().GET().header("cookie", "coppice-session=" + session), path)
                .statusCode();
    }

    private int post(String path, String session) throws IOException {
        return wire.once(
                        HttpRequest.newBuilder()
                                .header("sec-fetch-site", "same-origin")
                                .header("cookie", "coppice-session=" + session)
                                .header("content-type", "application/x-www-form-urlencoded")
                                .POST(BodyPublishers.ofString("definition=x")),
                        path)
                .statusCode();
    }

    private static String text(HttpResponse<byte[]> reply) {
        return new String(reply.body(), StandardCharsets.UTF_8);
    }
}
