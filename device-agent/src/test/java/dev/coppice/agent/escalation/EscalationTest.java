package dev.coppice.agent.escalation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.code_intelligence.jazzer.mutation.annotation.NotNull;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.coppice.agent.escalation.Reply.Why;
import dev.coppice.crypto.sealing.StorageKey;
import dev.coppice.testkit.ManualClock;
import dev.coppice.testkit.SeededBytes;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Against a real server, which is slow, broken, lying or huge. */
@Timeout(60)
class EscalationTest {
    private static final List<String> LABELS = List.of("on", "off");
    private static final String TEXT = "anna said 555 too dark";
    private static final String KEY = "sk-never-to-be-seen";

    @TempDir
    Path home;

    private final ManualClock clock = ManualClock.atNewYear();
    private final AtomicBoolean allowed = new AtomicBoolean(true);
    private final List<String> seen = Collections.synchronizedList(new ArrayList<>());
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private HttpServer server;
    private ChatCompletions model;
    private ChatCompletions hasty;

    /** How the server behaves. */
    private volatile Handler handler = exchange -> say(exchange, "on");

    private interface Handler {
        void handle(HttpExchange exchange) throws IOException, InterruptedException;
    }

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/v1/chat/completions", exchange -> {
            seen.add(exchange.getRequestHeaders().getFirst("authorization") + " "
                    + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            try {
                handler.handle(exchange);
            } catch (InterruptedException | IOException e) {
                exchange.close(); // the device hung up
            }
        });
        server.start();
        model = model(Duration.ofSeconds(20));
        hasty = model(Duration.ofMillis(500));
    }

    @AfterEach
    void stop() {
        model.close();
        hasty.close();
        server.stop(0);
        threads.shutdownNow();
    }

    @Test
    void whatTheDeviceIsSureOfStaysOnIt() throws Exception {
        Escalation escalation = escalation(10);
        assertThat(escalation.ask(TEXT, own(0.9), true, LABELS)).isEqualTo(new Reply.FromDevice(own(0.9), Why.SURE));
        assertThat(seen).isEmpty();
    }

    @Test
    void whatItIsNotSureOfIsAskedRedacted() throws Exception {
        Escalation escalation = escalation(10);
        assertThat(escalation.ask(TEXT, own(0.3), true, LABELS))
                .isEqualTo(new Reply.FromLargerModel("on", own(0.3), Why.UNSURE));
        assertThat(escalation.ask(TEXT, own(0.9), false, LABELS))
                .isEqualTo(new Reply.FromLargerModel("on", own(0.9), Why.OUT_OF_SCOPE));
        assertThat(seen)
                .hasSize(2)
                .allSatisfy(request -> assertThat(request)
                        .startsWith("Bearer " + KEY)
                        .contains("[NAME] said [NUMBER] too dark", "on, off")
                        .doesNotContain("anna", "555"));
    }

    @Test
    void withoutConsentNothingLeavesNorIsCounted() throws Exception {
        allowed.set(false);
        Escalation escalation = escalation(1);
        assertThat(escalation.ask(TEXT, own(0.3), false, LABELS))
                .isEqualTo(new Reply.FromDevice(own(0.3), Why.NOT_ALLOWED));
        assertThat(seen).isEmpty();
        allowed.set(true);
        assertThat(escalation.ask(TEXT, own(0.3), true, LABELS)).isInstanceOf(Reply.FromLargerModel.class);
    }

    @Test
    void aRestartOrAClockSetBackDoesNotRefreshTheBudgetAndANewDayDoes() throws Exception {
        assertThat(why(escalation(2))).isEqualTo(Why.UNSURE);
        clock.advance(Duration.ofDays(-3));
        assertThat(why(escalation(2))).isEqualTo(Why.UNSURE);
        clock.advance(Duration.ofDays(3));
        assertThat(why(escalation(2))).isEqualTo(Why.BUDGET_SPENT);
        clock.advance(Duration.ofDays(-3));
        assertThat(why(escalation(2))).isEqualTo(Why.BUDGET_SPENT);
        clock.advance(Duration.ofDays(4));
        assertThat(why(escalation(2))).isEqualTo(Why.UNSURE);
        assertThat(seen).hasSize(3);
    }

    @Test
    void aServerThatIsTooSlowIsNotWaitedFor() throws Exception {
        for (Handler slow : List.<Handler>of(exchange -> Thread.sleep(5_000), EscalationTest::drip)) {
            handler = slow;
            assertThat(escalation(1_000, hasty).ask(TEXT, own(0.3), true, LABELS))
                    .isEqualTo(new Reply.FromDevice(own(0.3), Why.NO_ANSWER));
        }
    }

    @Test
    void whateverTheServerDoesTheDeviceAnswers() throws Exception {
        for (Handler trouble : List.<Handler>of(
                exchange -> send(exchange, 500, answer("on")),
                exchange -> send(exchange, 302, ""),
                exchange -> send(exchange, 200, ""),
                exchange -> send(exchange, 200, "no json"),
                exchange -> send(exchange, 200, "[".repeat(60_000)),
                exchange -> send(exchange, 200, "{\"choices\":[]}"),
                exchange -> send(exchange, 200, "{\"choices\":[{\"message\":{\"content\":5}}]}"),
                exchange -> say(exchange, "x".repeat(2_000)),
                exchange -> send(exchange, 200, " ".repeat(1 << 20) + answer("on")),
                HttpExchange::close)) {
            handler = trouble;
            assertThat(escalation(1_000).ask(TEXT, own(0.3), true, LABELS))
                    .isEqualTo(new Reply.FromDevice(own(0.3), Why.NO_ANSWER));
        }
        for (String lie : List.of("maybe", "on off", "", "none", "drop table")) {
            handler = exchange -> say(exchange, lie);
            assertThat(why(escalation(1_000))).as(lie).isEqualTo(Why.NO_LABEL);
        }
        for (String meant : List.of("On", "\"on\"", " on.\n", "`ON`")) {
            handler = exchange -> say(exchange, meant);
            assertThat(escalation(1_000).ask(TEXT, own(0.3), true, LABELS).label())
                    .as(meant)
                    .isEqualTo("on");
        }
    }

    @Test
    void aServerThatKeepsFailingIsLeftAloneLongerAndLonger() throws Exception {
        Escalation escalation = escalation(1_000);
        handler = exchange -> send(exchange, 503, "");
        for (int i = 0; i < 3; i++) {
            assertThat(why(escalation)).isEqualTo(Why.NO_ANSWER);
        }
        assertThat(why(escalation)).isEqualTo(Why.SERVER_LEFT_ALONE);
        clock.advance(Duration.ofSeconds(31));
        assertThat(why(escalation)).isEqualTo(Why.NO_ANSWER);
        clock.advance(Duration.ofSeconds(31));
        assertThat(why(escalation)).isEqualTo(Why.SERVER_LEFT_ALONE);
        clock.advance(Duration.ofSeconds(31));
        handler = exchange -> say(exchange, "on");
        assertThat(why(escalation)).isEqualTo(Why.UNSURE);
        assertThat(why(escalation)).isEqualTo(Why.UNSURE);
        assertThat(seen).hasSize(6);
    }

    @Test
    void theKeyIsNeverPrintedNorSentWhereOthersCouldRead() {
        assertThat(new ApiKey(KEY)).asString().doesNotContain(KEY);
        for (String bad : List.of("", "two words", "line\nbreak", "x".repeat(2_000))) {
            assertThatThrownBy(() -> new ApiKey(bad)).isInstanceOf(IllegalArgumentException.class);
        }
        for (String open : List.of("http://models.example/v1", "https://user:pass@models.example", "models.example")) {
            assertThatThrownBy(() -> new ChatCompletions(URI.create(open), new ApiKey(KEY), "m", Duration.ofSeconds(1)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        handler = exchange -> send(exchange, 401, KEY);
        assertThatThrownBy(() -> model.ask(new Redactor(List.of()).redact("a secret wish"), LABELS))
                .isInstanceOf(IOException.class)
                .hasMessageNotContaining(KEY)
                .hasMessageNotContaining("secret");
    }

    @Test
    void aRefusedReplyIsNotQuoted() {
        assertThatThrownBy(() -> ChatCompletions.answer("a secret wish".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(IOException.class)
                .hasMessageNotContaining("secret")
                .hasNoCause(); // a parser's exception quotes what it read
    }

    @Test
    void whoIsInterruptedWaitsNoLonger() {
        handler = exchange -> Thread.sleep(5_000);
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> escalation(5).ask(TEXT, own(0.3), true, LABELS))
                .isInstanceOf(InterruptedException.class);
    }

    @FuzzTest
    void anyReplyIsAnAnswerOrRefused(byte @NotNull [] reply) {
        try {
            assertThat(ChatCompletions.answer(reply)).hasSizeLessThanOrEqualTo(1_000);
        } catch (IOException refused) {
            assertThat(refused).hasNoCause();
        }
    }

    private Why why(Escalation escalation) throws InterruptedException {
        Reply reply = escalation.ask(TEXT, own(0.3), true, LABELS);
        return reply instanceof Reply.FromDevice own ? own.why() : ((Reply.FromLargerModel) reply).why();
    }

    private Escalation escalation(int questionsADay) {
        return escalation(questionsADay, model);
    }

    private Escalation escalation(int questionsADay, LargerModel asked) {
        StorageKey key = StorageKey.of(new byte[StorageKey.SECRET_BYTES], new SeededBytes(1)::fill);
        try {
            QuestionBudget budget = QuestionBudget.open(home, key);
            EscalationRules rules =
                    new EscalationRules(asked, 0.7, 0.05, questionsADay, () -> List.of("Anna", "Bob Ross"));
            return new Escalation(rules, allowed::get, budget, clock);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private ChatCompletions model(Duration longest) {
        URI base = URI.create("http://localhost:" + server.getAddress().getPort() + "/v1/");
        return new ChatCompletions(base, new ApiKey(KEY), "larger", longest);
    }

    private static OwnAnswer own(double probability) {
        return new OwnAnswer("off", probability);
    }

    private static String answer(String content) {
        return "{\"choices\":[{\"message\":{\"role\":\"assistant\",\"content\":\""
                + content.replace("\"", "\\\"").replace("\n", "\\n") + "\"}}],\"usage\":{}}";
    }

    private static void say(HttpExchange exchange, String content) throws IOException {
        send(exchange, 200, answer(content));
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        if (bytes.length > 0) {
            exchange.getResponseBody().write(bytes);
        }
        exchange.close();
    }

    private static void drip(HttpExchange exchange) throws IOException, InterruptedException {
        exchange.sendResponseHeaders(200, 0);
        for (int i = 0; i < 100; i++) {
            exchange.getResponseBody().write(' ');
            exchange.getResponseBody().flush();
            Thread.sleep(50);
        }
    }
}
