package dev.coppice.simulator.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.coppice.agent.checkin.FrontDesk;
import dev.coppice.agent.checkin.Identity;
import dev.coppice.agent.store.HomeKey;
import dev.coppice.agent.store.KeyVault;
import dev.coppice.agent.store.Ledger;
import dev.coppice.agent.store.Spending;
import dev.coppice.agent.upload.HttpTransport;
import dev.coppice.agent.upload.Pause;
import dev.coppice.agent.upload.Wire;
import dev.coppice.crypto.RandomSource;
import dev.coppice.crypto.privacy.PeriodBudget;
import dev.coppice.crypto.privacy.PrivacyLedger.Charge;
import dev.coppice.crypto.sealing.StorageKey;
import dev.coppice.crypto.signing.VerifyingKey;
import dev.coppice.simulator.operator.AdminClient;
import dev.coppice.simulator.operator.AggregatorProcess;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrivacyLedgerCommandTest {
    private static final Duration YEAR = Duration.ofDays(365);

    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final Instant today = InstantSource.system().instant();
    private Path home = Path.of("");

    /** Two rounds a year ago and three today. */
    @BeforeEach
    void aLedgerOfFiveRounds() throws Exception {
        home = folder.resolve("agent");
        try (Ledger ledger = Ledger.openShared(home, KeyVault.inHome())) {
            for (int i = 0; i < 5; i++) {
                Instant when = i < 2 ? today.minus(YEAR) : today;
                Spending spending = new Spending("r-" + i, i < 4 ? "lights" : "words", "d-7", new Charge(4), when);
                ledger.charge(spending, PeriodBudget.DEFAULT, when);
            }
        }
    }

    @Test
    void aStatementIsOfThePeriodAndOfLife() throws IOException {
        JsonNode answer = json("--home", home.toString(), "--json");
        assertThat(answer.get("rounds").asInt()).isEqualTo(3);
        assertThat(answer.get("roundsLeft").asInt()).isEqualTo(5);
        assertThat(answer.get("roundsEver").asInt()).isEqualTo(5);
        assertThat(answer.get("epsilon").asDouble())
                .isLessThan(answer.get("epsilonEver").asDouble());
        Instant frees = Instant.parse(answer.get("oldestFrees").asText());
        assertThat(Duration.between(today, frees))
                .isBetween(Duration.ofDays(90), Duration.ofDays(90).plusMillis(1));
        assertThat(answer.get("skill")).hasSize(2);
        assertThat(answer.get("skill").get(0).get("name").asText()).isEqualTo("lights");
        assertThat(answer.get("skill").get(0).get("rounds").asInt()).isEqualTo(2);
        assertThat(answer.get("skill").get(0).get("roundsEver").asInt()).isEqualTo(4);
    }

    @Test
    void theBudgetIsTheOneThatIsSaid() throws IOException {
        JsonNode answer = json("--home", home.toString(), "--rounds-max", "4", "--period-days", "400", "--json");
        assertThat(answer.get("rounds").asInt()).isEqualTo(5);
        assertThat(answer.get("roundsLeft").asInt()).isZero();
        assertThat(answer.get("epsilon").asDouble())
                .isCloseTo(answer.get("epsilonEver").asDouble(), within(1e-3));
    }

    @Test
    void peopleGetOneFigureALineAndOneSkillALine() {
        assertThat(run("--home", home.toString())).isZero();
        assertThat(out.toString().lines()).anyMatch(line -> line.matches("rounds left +5"));
        assertThat(out.toString().lines()).anyMatch(line -> line.matches("skill +name words, rounds 1, epsilon .*"));
    }

    @Test
    void lookingChangesNothing() throws IOException {
        byte[] before = Files.readAllBytes(home.resolve("ledger"));
        assertThat(run("--home", home.toString())).isZero();
        assertThat(Files.readAllBytes(home.resolve("ledger"))).isEqualTo(before);
    }

    @Test
    void aFolderWithoutALedgerIsLeftAsItIs() {
        assertThat(run("--home", folder.resolve("nothing").toString())).isEqualTo(2);
        assertThat(err.toString()).contains("no ledger in").contains("home folder that the app gave");
        assertThat(folder.resolve("nothing")).doesNotExist();
    }

    @Test
    void aHomeInUseIsNotDisturbed() throws Exception {
        try (Ledger ledger = Ledger.openShared(home, KeyVault.inHome())) {
            assertThat(run("--home", home.toString())).isEqualTo(1);
            assertThat(ledger.ever().participations()).isEqualTo(5);
        }
        assertThat(err.toString()).contains("an agent is at work").contains("privacySpent");
    }

    @Test
    void aHomeWithAKeystoreIsOpenedWithIt() throws Exception {
        Path kept = folder.resolve("kept");
        Path keystore = folder.resolve("device.p12");
        Path passphrase = Files.writeString(folder.resolve("passphrase"), "correct horse\n");
        try (Ledger ledger = Ledger.openShared(kept, KeyVault.pkcs12(keystore, "correct horse"::toCharArray))) {
            ledger.charge(new Spending("r-1", "lights", "d-7", new Charge(4), today), PeriodBudget.DEFAULT, today);
        }
        String[] with = {"--home", kept.toString(), "--keystore", keystore.toString(), "--passphrase-file", ""};
        with[5] = passphrase.toString();
        assertThat(json(with[0], with[1], "--json", with[2], with[3], with[4], with[5])
                        .get("rounds")
                        .asInt())
                .isEqualTo(1);
        assertThat(run("--home", kept.toString())).isEqualTo(1);
        Files.writeString(passphrase, "another\n");
        assertThat(run(with)).isEqualTo(1);
        assertThat(run("--home", home.toString(), "--passphrase-file", passphrase.toString()))
                .isEqualTo(1);
        assertThat(err.toString()).contains("say --keystore");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "--device d-7",
                "--device d-7 --aggregator http://127.0.0.1:1",
                "--device ../x --aggregator http://127.0.0.1:1 --token-file token",
                "--home a --device d-7",
                "--home HOME --noise 0",
                "--home HOME --epsilon-max 0",
                "--home HOME --rounds-max 0",
                "--home HOME --period-days 0",
                "--home HOME --period-days 9223372036854775807",
                "--home HOME --delta 1",
            })
    void whatMakesNoSenseIsAskedAgain(String arguments) {
        String[] words = arguments.isEmpty() ? new String[0] : arguments.split(" ");
        assertThat(run(replaced(List.of(words), "HOME", home.toString()))).isEqualTo(2);
        assertThat(out.toString()).isEmpty();
        assertThat(err.toString().lines()).hasSize(2).last().asString().contains("--help");
    }

    /** All of them, the one that asks an aggregator too: a real one, with a device that has not taken part yet. */
    @Test
    void helpShowsExamplesThatWork() throws Exception {
        try (AggregatorProcess aggregator =
                        AggregatorProcess.start(folder.resolve("aggregator"), folder.resolve("log"));
                HttpClient client = HttpClient.newHttpClient()) {
            String device = enrolled(aggregator, aggregator.admin(client));
            assertThat(run("--help")).isZero();
            List<String> examples = out.toString()
                    .lines()
                    .filter(line -> line.startsWith("  coppice privacy ledger "))
                    .map(line -> line.strip().replaceFirst("coppice privacy ledger ", ""))
                    .toList();
            assertThat(examples).hasSize(3);
            for (String example : examples) {
                String[] words = replaced(List.of(example.split(" ")), "./agent", home.toString());
                words = replaced(List.of(words), "d-7", device);
                words = replaced(
                        List.of(words),
                        "http://127.0.0.1:8080",
                        aggregator.address().toString());
                words = replaced(
                        List.of(words),
                        "./operator.token",
                        aggregator.tokenFile().toString());
                out.getBuffer().setLength(0);
                assertThat(run(words)).as(example + err).isZero();
            }
            assertThat(out.toString().lines()).anyMatch(line -> line.matches("rounds ever +0"));
            assertThat(run(
                            "--device",
                            "nobody",
                            "--aggregator",
                            aggregator.address().toString(),
                            "--token-file",
                            aggregator.tokenFile().toString()))
                    .isEqualTo(1);
            assertThat(err.toString()).contains("No such device");
        }
    }

    private String enrolled(AggregatorProcess aggregator, AdminClient admin) throws Exception {
        byte[] token = admin.enrolmentTokens(1, "home").get(0);
        InstantSource clock = InstantSource.system();
        VerifyingKey authority = VerifyingKey.of(admin.keys().enrolment());
        Path place = Files.createDirectory(folder.resolve("identity"));
        Wire wire = new Wire(new HttpTransport(aggregator.address(), Duration.ofSeconds(60)), Pause.real());
        try (StorageKey key = HomeKey.open(place, KeyVault.inHome());
                Identity identity = Identity.open(place, key, () -> authority, RandomSource.secure())) {
            new FrontDesk(
                            new FrontDesk.Traits("home", "ab".repeat(32), "lights", "default"),
                            clock,
                            RandomSource.secure())
                    .enrol(wire, identity, token);
            return identity.member("home", clock.instant()).orElseThrow().deviceId();
        }
    }

    private static String[] replaced(List<String> words, String from, String to) {
        return words.stream().map(word -> word.equals(from) ? to : word).toArray(String[]::new);
    }

    private JsonNode json(String... arguments) throws IOException {
        assertThat(run(arguments)).as(err.toString()).isZero();
        return new ObjectMapper().readTree(out.toString());
    }

    private int run(String... arguments) {
        String[] all = new String[arguments.length + 2];
        all[0] = "privacy";
        all[1] = "ledger";
        System.arraycopy(arguments, 0, all, 2, arguments.length);
        return Coppice.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .setUsageHelpWidth(120)
                .execute(all);
    }
}
