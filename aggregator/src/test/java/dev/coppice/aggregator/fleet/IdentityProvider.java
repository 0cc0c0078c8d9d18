package dev.coppice.aggregator.fleet;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.coppice.crypto.Sha256;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/**
 * An OpenID provider where Ann is logged in and agrees to everything: an HTTP server with keys, a page that sends browsers back with
 * codes, and a token endpoint that changes each code once, for the client that it was made for and whoever has its verifier.
 */
public final class IdentityProvider implements AutoCloseable {
    public static final String ISSUER = "https://login.example";
    public static final String CLIENT = "the console";
    public static final String CALLBACK = "http://console.example/console/login/callback";

    private static final String SECRET = "s/ecret+";

    private final ECKey key;
    private final HttpServer server;
    private final Map<String, Map<String, String>> asked = new ConcurrentHashMap<>();
    private final List<String> changed = new ArrayList<>();

    /** Whether it looks at verifiers. Some do not. */
    public boolean checksVerifier = true;

    /** What its ID tokens say, given what they ought to. */
    public UnaryOperator<JWTClaimsSet.Builder> says = claims -> claims;

    /** What signs them. */
    public ECKey signs;

    /** Where browsers are sent back to. */
    public String sendsBackTo = CALLBACK;

    public IdentityProvider() throws IOException, JOSEException {
        key = key();
        signs = key;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/jwks", exchange -> answer(exchange, 200, new JWKSet(key.toPublicJWK()).toString()));
        server.createContext("/authorize", this::authorize);
        server.createContext("/token", this::token);
        server.start();
    }

    /** The key that it tells of. */
    public ECKey ownKey() {
        return key;
    }

    /** A key of the name that its own has. */
    public static ECKey key() throws JOSEException {
        return new ECKeyGenerator(Curve.P_256).keyID("k1").generate();
    }

    /** Variables of an aggregator whose people log in here. */
    public Map<String, String> environment() {
        String here = "http://localhost:" + server.getAddress().getPort();
        return Map.of(
                "COPPICE_IDENTITY_PROVIDER_JWKS", here + "/jwks",
                "COPPICE_IDENTITY_PROVIDER_ISSUER", ISSUER,
                "COPPICE_IDENTITY_PROVIDER_LOGIN_CLIENT_ID", CLIENT,
                "COPPICE_IDENTITY_PROVIDER_LOGIN_CLIENT_SECRET", SECRET,
                "COPPICE_IDENTITY_PROVIDER_LOGIN_AUTHORIZATION", here + "/authorize",
                "COPPICE_IDENTITY_PROVIDER_LOGIN_TOKEN", here + "/token",
                "COPPICE_IDENTITY_PROVIDER_LOGIN_CALLBACK", CALLBACK);
    }

    /** How many codes were changed for tokens. */
    public synchronized int codesChanged() {
        return changed.size();
    }

    private void authorize(HttpExchange exchange) throws IOException {
        Map<String, String> query = fields(exchange.getRequestURI().getRawQuery());
        boolean good = CLIENT.equals(query.get("client_id"))
                && CALLBACK.equals(query.get("redirect_uri"))
                && "code".equals(query.get("response_type"))
                && "openid".equals(query.get("scope"))
                && "S256".equals(query.get("code_challenge_method"));
        if (!good) {
            answer(exchange, 400, "invalid_request");
            return;
        }
        String code = UUID.randomUUID().toString();
        asked.put(code, query);
        URI back = URI.create(sendsBackTo + "?code=" + code + "&state=" + query.get("state"));
        exchange.getResponseHeaders().add("Location", back.toString());
        answer(exchange, 302, "");
    }

    private synchronized void token(HttpExchange exchange) throws IOException {
        Map<String, String> form =
                fields(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.US_ASCII));
        Map<String, String> question = asked.getOrDefault(form.getOrDefault("code", ""), Map.of());
        String basic = "Basic "
                + Base64.getEncoder().encodeToString("the+console:s%2Fecret%2B".getBytes(StandardCharsets.US_ASCII));
        String challenge = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(
                        Sha256.hash(form.getOrDefault("code_verifier", "").getBytes(StandardCharsets.US_ASCII)));
        boolean good = basic.equals(exchange.getRequestHeaders().getFirst("Authorization"))
                && "authorization_code".equals(form.get("grant_type"))
                && CALLBACK.equals(form.get("redirect_uri"))
                && !question.isEmpty()
                && !changed.contains(form.getOrDefault("code", ""))
                && (!checksVerifier || challenge.equals(question.get("code_challenge")));
        if (!good) {
            answer(exchange, 400, "{\"error\": \"invalid_grant\"}");
            return;
        }
        changed.add(form.getOrDefault("code", ""));
        answer(exchange, 200, "{\"token_type\": \"Bearer\", \"id_token\": \"" + idToken(question) + "\"}");
    }

    private String idToken(Map<String, String> question) throws IOException {
        JWTClaimsSet.Builder claims = new JWTClaimsSet.Builder()
                .subject("ann@example")
                .issuer(ISSUER)
                .audience(CLIENT)
                .expirationTime(Date.from(Instant.now().plusSeconds(600)))
                .claim("nonce", question.get("nonce"))
                .claim("roles", List.of("viewer"));
        SignedJWT token = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.ES256).keyID("k1").build(),
                says.apply(claims).build());
        try {
            token.sign(new ECDSASigner(signs));
        } catch (JOSEException e) {
            throw new IOException("It cannot sign", e);
        }
        return token.serialize();
    }

    private static Map<String, String> fields(String encoded) {
        Map<String, String> fields = new HashMap<>();
        for (String field : encoded.split("&", -1)) {
            String[] parts = field.split("=", 2);
            fields.put(parts[0], URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
        }
        return fields;
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
