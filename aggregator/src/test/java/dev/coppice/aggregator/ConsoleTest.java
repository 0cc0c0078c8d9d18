package dev.coppice.aggregator;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import dev.coppice.aggregator.fleet.AggregatorProcess;
import dev.coppice.aggregator.fleet.Device;
import dev.coppice.aggregator.fleet.Fleet;
import dev.coppice.aggregator.fleet.IdentityProvider;
import dev.coppice.aggregator.fleet.Operator;
import dev.coppice.aggregator.fleet.Wire;
import dev.coppice.aggregator.release.RepositoryOwner;
import dev.coppice.crypto.trust.ReleasedPack;
import dev.coppice.crypto.trust.TargetFile;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The console as an operator uses it, in a real Chromium. What the browser's console complains of counts as failure: a script
 * or style that the page's own policy forbids among them. {@code -Dscreenshots=DIR} keeps a picture of each page.
 */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConsoleTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int DEVICES = 5;
    private static final String EVIL = "<img src=x onerror=alert(1)>";

    private AggregatorProcess aggregator;
    private IdentityProvider provider;
    private Operator operator;
    private Playwright playwright;
    private Browser browser;
    private BrowserContext context;
    private Page page;
    private List<Device> devices = List.of();
    private final List<String> complaints = new ArrayList<>();

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        Path chromium = chromium();
        playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        browser = playwright
                .chromium()
                .launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(chromium)
                        .setArgs(List.of("--no-sandbox", "--disable-dev-shm-usage")));
        provider = new IdentityProvider();
        aggregator = new AggregatorProcess(folder, List.of(), provider.environment());
        provider.sendsBackTo = aggregator.uri() + "/console/login/callback";
        operator = aggregator.operator();
        devices = operator.devices(DEVICES);
    }

    private static Path chromium() {
        return Stream.of("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
                .map(Path::of)
                .filter(Files::isExecutable)
                .findFirst()
                .orElseGet(() -> {
                    assumeTrue(false, "Chromium is not installed");
                    return Path.of("");
                });
    }

    @AfterAll
    void stop() {
        if (aggregator != null) {
            aggregator.close();
            provider.close();
            playwright.close();
        }
    }

    @BeforeEach
    void open() {
        context = browser.newContext(new Browser.NewContextOptions().setViewportSize(1280, 900));
        page = context.newPage();
        page.onConsoleMessage(message -> {
            if (message.type().equals("error")) {
                complaints.add(message.text());
            }
        });
        page.onPageError(complaints::add);
        page.onDialog(dialog -> dialog.accept());
    }

    @AfterEach
    void close() {
        context.close();
        assertThat(complaints).isEmpty();
    }

    @Test
    void anOperatorLogsInCreatesATaskAndWatchesItsRoundFinish() throws Exception {
        logIn();
        assertThat(page.getByText("Devices enrolled").locator("xpath=following-sibling::dd"))
                .hasText(Integer.toString(DEVICES));

        page.getByRole(AriaRole.LINK, named("Tasks")).click();
        page.getByLabel("Definition (JSON)").fill("{\"skill\": 1}");
        page.getByRole(AriaRole.BUTTON, button("Create task")).click();
        assertThat(page.getByRole(AriaRole.ALERT)).isVisible();
        complaints.removeIf(text -> text.contains("422")); // that was asked for

        page.getByLabel("Definition (JSON)")
                .fill(operator.task(3, DEVICES, 2, 60).toString());
        page.getByRole(AriaRole.BUTTON, button("Create task")).click();
        assertThat(page.getByRole(AriaRole.HEADING, heading("Task t-"))).isVisible();

        new Fleet(devices).takePart(i -> Device.Stop.NEVER, (step, number) -> {});

        assertThat(page.getByText("completed", exactly())).isVisible(); // nobody reloads the page
        assertThat(page.locator("[data-chart] canvas").first()).isVisible();
        picture("task");
        page.getByRole(AriaRole.LINK, named("Overview")).click();
        assertThat(page.getByRole(AriaRole.CELL, cell("2 of 2"))).isVisible();
        picture("overview");
        page.getByRole(AriaRole.LINK, named("Tasks")).click();
        page.getByRole(AriaRole.LINK, named("t-")).first().click();
        page.getByRole(AriaRole.BUTTON, button("Cancel this task")).click();
        assertThat(page.getByText("State").locator("xpath=following-sibling::dd"))
                .hasText("cancelled");
        page.getByRole(AriaRole.LINK, named("Audit log")).click();
        assertThat(page.getByText("none was changed")).isVisible();
        assertThat(page.getByText("POST /console/tasks", exactly()).first()).isVisible();
        picture("audit");
    }

    @Test
    void aTaskIsPausedResumedAndClonedWithAScheduleOfItsOwn() throws Exception {
        String id = operator.create(operator.task(3, 5, 2, 60).put("population", "scheduled"));
        logIn();
        page.navigate(aggregator.uri() + "/console/tasks/" + id);
        page.getByRole(AriaRole.BUTTON, button("Pause")).click();
        assertThat(state()).hasText("paused");
        page.getByRole(AriaRole.BUTTON, button("Resume")).click();
        assertThat(state()).hasText("open");

        page.getByText("Clone", exactly()).click();
        page.getByLabel("First round not before").fill("2040-01-31T06:00");
        page.getByLabel("Rounds a day, at most").fill("4");
        page.getByLabel("Rounds whose sums are merged together").fill("2");
        page.getByLabel("Rounds open at once, at most").fill("3");
        page.getByLabel("Merges that a round may be behind").fill("5");
        page.getByRole(AriaRole.BUTTON, button("Create task")).click();
        assertThat(page.getByText("Rounds open").locator("xpath=following-sibling::dd"))
                .hasText("every 6 h, from 2040-01-31 06:00:00 UTC");
        assertThat(page.getByText("No round has opened yet.")).isVisible();
        assertThat(page.getByText("Sums that wait to be merged").locator("xpath=following-sibling::dd"))
                .hasText("0 of 2");
        assertThat(page.getByText("No rounds yet.")).hasCount(2); // nothing is drawn of none
        assertThat(page.locator("[data-chart]")).hasCount(0);

        page.getByText("Clone", exactly()).click();
        page.getByLabel("Over at").fill("2030-01-31T06:00");
        page.getByRole(AriaRole.BUTTON, button("Create task")).click();
        assertThat(page.getByRole(AriaRole.ALERT)).containsText("schedule.end is after schedule.start");
        assertThat(page.getByLabel("Over at")).hasValue("2030-01-31T06:00");
        complaints.removeIf(text -> text.contains("422"));
    }

    private com.microsoft.playwright.Locator state() {
        return page.getByText("State", exactly()).locator("xpath=following-sibling::dd");
    }

    @Test
    void theFleetIsShownByWhatDevicesSay() throws Exception {
        new Wire(List.of(aggregator.uri()))
                .insist("/v1/checkin", devices.getFirst().checkIn(System.currentTimeMillis()));
        logIn();
        page.getByRole(AriaRole.LINK, named("Fleet")).click();
        assertThat(page.getByText("Active devices by class").first()).isVisible();
        assertThat(page.locator("[data-chart] canvas").first()).isVisible();
        assertThat(page.getByRole(AriaRole.CELL, cell(Operator.POPULATION)).first())
                .isVisible();
        picture("fleet");
    }

    @Test
    void aRolloutIsHaltedByOneButton() throws Exception {
        publish();
        byte[] rollout = """
                {"deviceClass": "*", "version": 2, "otherwise": 1, "stepsPermille": [100, 1000], "soakSeconds": 3600,
                 "devicesMin": 10, "rolledBackMax": 0.1, "crashedMax": 0.1, "accuracyLossMax": 0.1}""".getBytes(StandardCharsets.UTF_8);
        assertThat(operator.send("POST", "/v1/admin/rollouts/lights", rollout).statusCode())
                .isEqualTo(200);
        logIn();
        page.getByRole(AriaRole.LINK, named("Packs")).click();
        assertThat(page.getByText("moving out")).isVisible();
        picture("packs");

        page.getByRole(AriaRole.BUTTON, button("Halt")).click();

        assertThat(page.getByText("halted: by an operator")).isVisible();
        JsonNode stored = JSON.readTree(
                operator.send("GET", "/v1/admin/rollouts/lights", new byte[0]).body());
        assertThat(stored.path("rollouts").path(0).path("haltedBecause").asText())
                .isEqualTo("by an operator");
    }

    @Test
    void whatATaskSaysOfPrivacyIsDrawnAndToldInNumbers() throws Exception {
        operator.create(operator.task(50, 60, 4, 60).put("epsilon", 8).put("population", "elsewhere"));
        logIn();
        page.getByRole(AriaRole.LINK, named("Privacy")).click();
        assertThat(page.locator("figcaption").first()).containsText("Epsilon by rounds taken part in");
        assertThat(page.locator("[data-chart] canvas").first()).isVisible();
        page.getByText("As a table").first().click();
        assertThat(page.getByRole(AriaRole.COLUMNHEADER, new Page.GetByRoleOptions().setName("epsilon")))
                .isVisible();
        picture("privacy");
    }

    /** A name that is markup is shown as text; it cannot be stored as the name of anything, but typed into the form. */
    @Test
    void whatSomebodyTypesIsTextAndNeverMarkup() {
        logIn();
        page.getByRole(AriaRole.LINK, named("Tasks")).click();
        page.getByLabel("Definition (JSON)").fill("{\"skill\": \"" + EVIL + "\"} </textarea>" + EVIL);
        page.getByRole(AriaRole.BUTTON, button("Create task")).click();
        assertThat(page.getByLabel("Definition (JSON)")).hasValue("{\"skill\": \"" + EVIL + "\"} </textarea>" + EVIL);
        assertThat(page.locator("img").count()).isZero();
        complaints.removeIf(text -> text.contains("422"));
    }

    @Test
    void aWrongTokenOpensNothingAndLoggingOutCloses() {
        page.navigate(aggregator.uri() + "/console/tasks");
        assertThat(page.getByRole(AriaRole.HEADING, heading("Log in"))).isVisible();
        page.getByLabel("Token").fill("0".repeat(64));
        page.getByRole(AriaRole.BUTTON, button("Log in")).click();
        assertThat(page.getByRole(AriaRole.ALERT)).hasText("This token opens nothing here.");
        complaints.removeIf(text -> text.contains("401"));
        logIn();
        page.getByRole(AriaRole.BUTTON, button("Log out")).click();
        page.navigate(aggregator.uri() + "/console/audit");
        assertThat(page.getByRole(AriaRole.HEADING, heading("Log in"))).isVisible();
    }

    /** Another site sends the browser back, to which it gives no strict cookie; the console opens all the same. */
    @Test
    void whoLogsInAtTheIdentityProviderArrivesAtTheConsole() {
        page.navigate(aggregator.uri() + "/console");
        page.getByRole(AriaRole.LINK, named("Log in with your identity provider"))
                .click();
        assertThat(page.getByRole(AriaRole.HEADING, heading("Overview"))).isVisible();
        page.reload();
        assertThat(page.getByRole(AriaRole.HEADING, heading("Overview"))).isVisible();
    }

    @Test
    void everyPageFitsAPhoneAndIsUsedByKeyboardInTheDarkToo() {
        logIn();
        page.setViewportSize(360, 740);
        page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.DARK));
        for (String path : List.of("", "/tasks", "/fleet", "/privacy", "/packs", "/audit")) {
            page.navigate(aggregator.uri() + "/console" + path);
            Object wider = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth");
            assertThat(wider).as(path).isEqualTo(false);
            page.keyboard().press("Tab");
            assertThat(page.getByText("Skip to content")).isFocused();
            page.keyboard().press("Tab");
            assertThat(page.getByRole(AriaRole.LINK, named("Overview"))).isFocused();
        }
        picture("phone");
        Object background = page.evaluate("getComputedStyle(document.body).backgroundColor");
        assertThat(background).isEqualTo("rgb(20, 26, 22)");
    }

    private void logIn() {
        page.navigate(aggregator.uri() + "/console");
        try {
            page.getByLabel("Token").fill(aggregator.token());
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        page.getByRole(AriaRole.BUTTON, button("Log in")).click();
        assertThat(page.getByRole(AriaRole.HEADING, heading("Overview"))).isVisible();
    }

    private void publish() throws Exception {
        RepositoryOwner owner = new RepositoryOwner(operator.repositoryKeys());
        byte[] content = {1};
        TargetFile[] files = Stream.of(1L, 2L)
                .flatMap(version ->
                        ReleasedPack.of("lights", version, "a".repeat(64), "b".repeat(64), Map.of("file", content))
                                .files()
                                .values()
                                .stream())
                .toArray(TargetFile[]::new);
        ok(operator.send("PUT", "/v1/admin/repository/root", owner.root(1, Instant.now(), owner.root)));
        ok(operator.send("PUT", "/v1/admin/blobs", content));
        ok(operator.send("PUT", "/v1/admin/repository/targets", owner.targets(1, Instant.now(), files)));
    }

    private static void ok(HttpResponse<byte[]> reply) {
        assertThat(reply.statusCode())
                .as(new String(reply.body(), StandardCharsets.UTF_8))
                .isEqualTo(200);
    }

    private void picture(String name) {
        String folder = System.getProperty("screenshots");
        if (folder != null) {
            page.screenshot(new Page.ScreenshotOptions()
                    .setPath(Path.of(folder, name + ".png"))
                    .setFullPage(true));
        }
    }

    private static Page.GetByRoleOptions named(String name) {
        return new Page.GetByRoleOptions().setName(name);
    }

    private static Page.GetByRoleOptions button(String name) {
        return new Page.GetByRoleOptions().setName(name).setExact(true);
    }

    private static Page.GetByRoleOptions heading(String name) {
        return named(name);
    }

    private static Page.GetByRoleOptions cell(String name) {
        return button(name);
    }

    private static Page.GetByTextOptions exactly() {
        return new Page.GetByTextOptions().setExact(true);
    }
}
