package dev.coppice.aggregator;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import dev.coppice.aggregator.fleet.AggregatorProcess;
import dev.coppice.aggregator.fleet.Operator;
import dev.coppice.aggregator.fleet.Wire;
import dev.coppice.crypto.Sha256;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who may do what, with tokens of an identity provider that is a real HTTP server with real keys. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AccessTest {
    private static final String ISSUER = "https://login.example";

    private HttpServer provider;
    private ECKey key;
    private AggregatorProcess aggregator;
    private Wire wire;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        key = new ECKeyGenerator(Curve.P_256).keyID("k1").generate();
        byte[] keys = new JWKSet(key.toPublicJWK()).toString().getBytes(StandardCharsets.UTF_8);
        provider = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        provider.createContext("/jwks", exchange -> {
            exchange.sendResponseHeaders(200, keys.length);
            exchange.getResponseBody().write(keys);
            exchange.close();
        });
        provider.start();
        String jwks = "http://127.0.0.1:" + provider.getAddress().getPort() + "/jwks";
        aggregator = new AggregatorProcess(
                folder,
                List.of(),
                Map.of("COPPICE_IDENTITY_PROVIDER_JWKS", jwks, "COPPICE_IDENTITY_PROVIDER_ISSUER", ISSUER));
        wire = new Wire(List.of(aggregator.uri()));
    }

    @AfterAll
    void stop() {
        aggregator.close();
        provider.stop(0);
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            viewer,   GET,  /v1/admin/faults,                 200
            viewer,   POST, /v1/admin/tasks,                  403
            viewer,   POST, /v1/admin/enrolment-tokens,       403
            viewer,   POST, /v1/admin/rollouts/skill/halt,    403
            viewer,   PUT,  /v1/admin/repository/targets,     403
            viewer,   PUT,  /v1/admin/blobs,                  403
            viewer,   POST, /v1/admin/tasks/t/provenance,     403
            operator, GET,  /v1/admin/faults,                 403
            operator, POST, /v1/admin/tasks,                  422
            operator, POST, /v1/admin/rollouts/skill,         403
            operator, POST, /v1/admin/rollouts/skill/halt,    422
            operator, PUT,  /v1/admin/repository/root,        403
            releaser, PUT,  /v1/admin/repository/targets,     422
            releaser, POST, /v1/admin/rollouts/skill,         422
            releaser, POST, /v1/admin/tasks,                  403
            releaser, POST, /v1/admin/tasks/t/provenance,     404
            releaser, POST, /v1/admin/enrolment-tokens,       403
            king,     GET,  /v1/admin/faults,                 403
            """)
    void aRoleOpensWhatIsItsOwnAndNothingElse(String role, String method, String path, int status) throws Exception {
        assertThat(send(method, path, signed(claims(role).build()))).isEqualTo(status);
    }

    @Test
    void theOperatorsTokenOpensAll() throws Exception {
        for (String path : List.of("/v1/admin/faults", "/v1/admin/rollouts/skill")) {
            assertThat(send("GET", path, aggregator.token())).isEqualTo(200);
        }
    }

    /** Each is a token that opens the door, but for one thing. */
    @Test
    void tokensThatTheProviderDidNotMakeForUsOpenNothing() throws Exception {
        ECKey other = new ECKeyGenerator(Curve.P_256).keyID("k1").generate();
        Date past = Date.from(Instant.now().minusSeconds(3600));
        assertThat(status(signed(claims("viewer").build()))).isEqualTo(200);
        assertThat(status(typed("at+jwt", claims("viewer").build()))).isEqualTo(200);
        assertThat(status(typed("logout+jwt", claims("viewer").build()))).isEqualTo(401);
        assertThat(status(
                        signed(claims("viewer").issuer("https://other.example").build())))
                .isEqualTo(401);
        assertThat(status(signed(claims("viewer").audience("other").build()))).isEqualTo(401);
        assertThat(status(signed(claims("viewer").expirationTime(past).build())))
                .isEqualTo(401);
        assertThat(status(signed(claims("viewer").expirationTime(null).build())))
                .isEqualTo(401);
        assertThat(status(signedBy(other, claims("viewer").build()))).isEqualTo(401);
        assertThat(status(new PlainJWT(claims("viewer").build()).serialize())).isEqualTo(401);
        assertThat(status(macOfPublicKey(claims("viewer").build()))).isEqualTo(401);
        assertThat(status(signed(claims("viewer").build()) + "x")).isEqualTo(401);
        assertThat(status("")).isEqualTo(401);
    }

    /** A session opens the console; taken out of its cookie it opens nothing, and the cookie is no key to the admin API. */
    @Test
    void aSessionOfTheConsoleIsNoTokenOfTheAdminApi() throws Exception {
        HttpResponse<byte[]> entered = login(aggregator.token(), "same-origin");
        assertThat(entered.statusCode()).isEqualTo(303);
        assertThat(entered.headers().firstValue("set-cookie").orElseThrow())
                .containsIgnoringCase("HttpOnly")
                .contains("SameSite=Strict", "Path=/console");
        String session = session(entered);

        assertThat(page("/console", session)).isEqualTo(200);
        assertThat(page("/console", session + "x")).isEqualTo(303);
        assertThat(status(session)).isEqualTo(401);
        HttpRequest.Builder byCookie = HttpRequest.newBuilder().GET().header("cookie", "coppice-session=" + session);
        assertThat(wire.once(byCookie, "/v1/admin/faults").statusCode()).isEqualTo(401);
        HttpRequest.Builder tokenAsCookie =
                HttpRequest.newBuilder().GET().header("cookie", "coppice-session=" + aggregator.token());
        assertThat(wire.once(tokenAsCookie, "/v1/admin/faults").statusCode()).isEqualTo(401);
    }

    /** Whoever plants a cookie in a browser knows no session that the browser gets later. */
    @Test
    void aSessionThatWasThereBeforeLoggingInIsNoneAfter() throws Exception {
        String planted = session(login(signed(claims("viewer").build()), "same-origin"));
        for (String before : List.of("chosen", planted)) {
            HttpResponse<byte[]> entered = wire.once(
                    HttpRequest.newBuilder()
                            .header("sec-fetch-site", "same-origin")
                            .header("cookie", "coppice-session=" + before)
                            .header("content-type", "application/x-www-form-urlencoded")
                            .POST(BodyPublishers.ofString("token=" + aggregator.token())),
                    "/console/login");
            assertThat(session(entered)).isNotEqualTo(before);
        }
        assertThat(page("/console", "chosen")).isEqualTo(303);
        assertThat(post("/console/tasks", planted, "same-origin")).isEqualTo(403); // still a viewer's
    }

    /** A token may say where its key is to be had; a task may say anything. */
    @Test
    void nothingIsFetchedFromWhereSomebodySays() throws Exception {
        List<String> asked = new CopyOnWriteArrayList<>();
        HttpServer canary = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        canary.createContext("/", exchange -> {
            asked.add(exchange.getRequestURI().toString());
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        canary.start();
        try {
            URI there = URI.create("http://127.0.0.1:" + canary.getAddress().getPort() + "/keys");
            ECKey own = new ECKeyGenerator(Curve.P_256).keyID("k9").generate();
            SignedJWT token = new SignedJWT(
                    new JWSHeader.Builder(JWSAlgorithm.ES256)
                            .keyID("k9")
                            .jwkURL(there)
                            .x509CertURL(there)
                            .jwk(own.toPublicJWK())
                            .build(),
                    claims("operator").issuer(ISSUER).build());
            token.sign(new ECDSASigner(own));
            assertThat(status(token.serialize())).isEqualTo(401);
            String task =
                    "{\"skill\":\"%1$s\",\"population\":\"%1$s\",\"baseModelSha256\":\"%1$s\",\"kitSpec\":\"%1$s\"}"
                            .formatted(there);
            assertThat(new Operator(wire, aggregator.token())
                            .send("POST", "/v1/admin/tasks", task.getBytes(StandardCharsets.UTF_8))
                            .statusCode())
                    .isEqualTo(422);
            Thread.sleep(200);
            assertThat(asked).isEmpty();
        } finally {
            canary.stop(0);
        }
    }

    @Test
    void aViewerLooksAndChangesNothing() throws Exception {
        String session = session(login(signed(claims("viewer").build()), "same-origin"));
        for (String path : List.of("", "/tasks", "/fleet", "/privacy", "/packs", "/audit")) {
            assertThat(page("/console" + path, session)).isEqualTo(200);
        }
        for (String path : List.of(
                "/tasks", "/tasks/t-1/cancel", "/tasks/t-1/pause", "/tasks/t-1/resume", "/rollouts/skill/halt")) {
            assertThat(post("/console" + path, session, "same-origin")).isEqualTo(403);
        }
    }

    /** Another site's page may make a browser send a form, cookie and all. */
    @Test
    void nothingChangesByARequestOfAnotherSite() throws Exception {
        String session = session(login(aggregator.token(), "same-origin"));
        assertThat(post("/console/tasks", session, "same-origin")).isEqualTo(422);
        assertThat(post("/console/tasks", session, "cross-site")).isEqualTo(403);
        assertThat(post("/console/tasks", session, "same-site")).isEqualTo(403);
        assertThat(post("/console/tasks", session, "none")).isEqualTo(403);
        assertThat(login(aggregator.token(), "cross-site").statusCode()).isEqualTo(403);
        for (String origin : List.of("https://evil.example", "http://127.0.0.1:1", "null", "://")) {
            HttpRequest.Builder old = HttpRequest.newBuilder()
                    .header("origin", origin)
                    .header("cookie", "coppice-session=" + session)
                    .header("content-type", "application/x-www-form-urlencoded")
                    .POST(BodyPublishers.ofString("definition=x"));
            assertThat(wire.once(old, "/console/tasks").statusCode()).as(origin).isEqualTo(403);
        }
    }

    /** Each change is in the log before it is made, with who asked for it, and what came of it; no token is. */
    @Test
    void whatIsAskedForIsInTheAuditLog() throws Exception {
        send("POST", "/v1/admin/tasks", signed(claims("operator").build()));
        String session = session(login(aggregator.token(), "same-origin"));
        HttpRequest.Builder look = HttpRequest.newBuilder().GET().header("cookie", "coppice-session=" + session);
        String log = new String(wire.once(look, "/console/audit").body(), StandardCharsets.UTF_8);
        assertThat(log)
                .contains("ann@example", "POST /v1/admin/tasks", "got 422", "POST /console/login", "none was changed")
                .doesNotContain(
                        aggregator.token(),
                        session,
                        Sha256.hex(("token=" + aggregator.token()).getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void pagesAllowNothingFromElsewhereAndNothingWrittenIntoThem() throws Exception {
        HttpResponse<byte[]> login = wire.once(HttpRequest.newBuilder().GET(), "/console/login");
        assertThat(login.statusCode())
                .as(new String(login.body(), StandardCharsets.UTF_8))
                .isEqualTo(200);
        assertThat(login.headers().firstValue("content-security-policy").orElseThrow())
                .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'")
                .doesNotContain("unsafe");
        assertThat(new String(login.body(), StandardCharsets.UTF_8))
                .doesNotContain("http://", "https://", " style=", "onclick");
        for (String path : List.of("..%2fapplication.yml", "..%2f..%2flogback.xml", "%2fetc%2fpasswd", "nothing.js")) {
            assertThat(wire.once(HttpRequest.newBuilder().GET(), "/console/assets/" + path)
                            .statusCode())
                    .as(path)
                    .isEqualTo(404);
        }
    }

    private JWTClaimsSet.Builder claims(String role) {
        return new JWTClaimsSet.Builder()
                .subject("ann@example")
                .issuer(ISSUER)
                .audience("coppice")
                .expirationTime(Date.from(Instant.now().plusSeconds(600)))
                .claim("roles", List.of(role));
    }

    private String signed(JWTClaimsSet claims) throws JOSEException {
        return signedBy(key, claims);
    }

    private static String signedBy(ECKey by, JWTClaimsSet claims) throws JOSEException {
        return signedBy(by, new JWSHeader.Builder(JWSAlgorithm.ES256).keyID("k1"), claims);
    }

    private String typed(String type, JWTClaimsSet claims) throws JOSEException {
        return signedBy(
                key, new JWSHeader.Builder(JWSAlgorithm.ES256).keyID("k1").type(new JOSEObjectType(type)), claims);
    }

    private static String signedBy(ECKey by, JWSHeader.Builder header, JWTClaimsSet claims) throws JOSEException {
        SignedJWT token = new SignedJWT(header.build(), claims);
        token.sign(new ECDSASigner(by));
        return token.serialize();
    }

    /** A secret-key signature whose key is the public key, which everybody knows. */
    private String macOfPublicKey(JWTClaimsSet claims) throws JOSEException {
        SignedJWT token = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("k1").build(), claims);
        token.sign(new MACSigner(key.toPublicJWK().toString().getBytes(StandardCharsets.UTF_8)));
        return token.serialize();
    }

    private int status(String token) throws Exception {
        return send("GET", "/v1/admin/faults", token);
    }

    private int send(String method, String path, String token) throws Exception {
        return new Operator(wire, token)
                .send(method, path, method.equals("GET") ? new byte[0] : "{}".getBytes(StandardCharsets.UTF_8))
                .statusCode();
    }

    private HttpResponse<byte[]> login(String token, String site) throws Exception {
        return wire.once(
                HttpRequest.newBuilder()
                        .header("sec-fetch-site", site)
                        .header("content-type", "application/x-www-form-urlencoded")
                        .POST(BodyPublishers.ofString("token=" + token)),
                "/console/login");
    }

    private static String session(HttpResponse<byte[]> entered) {
        String cookie = entered.headers().firstValue("set-cookie").orElseThrow();
        return cookie.substring(cookie.indexOf('=') + 1, cookie.indexOf(';'));
    }

    private int page(String path, String session) throws Exception {
        return wire.once(HttpRequest.newBuilder().GET().header("cookie", "coppice-session=" + session), path)
                .statusCode();
    }

    private int post(String path, String session, String site) throws Exception {
        return wire.once(
                        HttpRequest.newBuilder()
                                .header("sec-fetch-site", site)
                                .header("cookie", "coppice-session=" + session)
                                .header("content-type", "application/x-www-form-urlencoded")
                                .POST(BodyPublishers.ofString("definition=x")),
                        path)
                .statusCode();
    }
}
