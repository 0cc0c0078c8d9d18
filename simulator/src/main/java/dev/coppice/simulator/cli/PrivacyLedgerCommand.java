package dev.coppice.simulator.cli;

import dev.coppice.agent.store.HomeInUseException;
import dev.coppice.agent.store.Ledger;
import dev.coppice.agent.store.LedgerStatement;
import dev.coppice.crypto.privacy.PeriodBudget;
import dev.coppice.crypto.privacy.PrivacyLedger.Charge;
import dev.coppice.crypto.privacy.PrivacyLedger.Statement;
import dev.coppice.protocol.Identifiers;
import dev.coppice.simulator.operator.AdminClient;
import dev.coppice.simulator.operator.DeviceSpent;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code coppice privacy ledger}: what a device has spent, by its own ledger or by what an aggregator knows of it. */
@Command(
        name = "ledger",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "Prints what a device has spent of its privacy budget.",
        description = {
            "In the present period and ever, with the rounds that are left, and when the oldest",
            "of the period frees. A device's own ledger decides; the aggregator knows of its own",
            "rounds alone."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  coppice privacy ledger --home ./agent",
            "  coppice privacy ledger --home ./agent --epsilon-max 4 --rounds-max 16 --noise 8 --json",
            "  coppice privacy ledger --device d-7 --aggregator http://127.0.0.1:8080 --token-file ./operator.token"
        })
final class PrivacyLedgerCommand implements Callable<Integer> {
    private static final String DEVICE_MISSING = "--device asks an aggregator: say --aggregator and --token-file, too";

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @ArgGroup(multiplicity = "1")
    @SuppressWarnings("NullAway.Init")
    private Whose whose;

    /** One of the two. */
    private static final class Whose {
        @Option(
                names = "--home",
                paramLabel = "DIR",
                description = "home of an agent, or folder of a ledger that several share")
        private @Nullable Path home;

        @Option(names = "--device", paramLabel = "ID", description = "ask an aggregator about this device")
        private @Nullable String device;
    }

    @Mixin
    private VaultOptions vault = new VaultOptions();

    @Option(names = "--aggregator", paramLabel = "URI", description = "where the aggregator is")
    private @Nullable URI aggregator;

    @Option(names = "--token-file", paramLabel = "FILE", description = "file that holds its operator's token")
    private @Nullable Path tokenFile;

    @Option(
            names = "--epsilon-max",
            paramLabel = "E",
            defaultValue = "8",
            description = "of the budget that the home's app has set (default: ${DEFAULT-VALUE})")
    private double epsilonMax;

    @Option(
            names = "--rounds-max",
            paramLabel = "N",
            defaultValue = "8",
            description = "the same (default: ${DEFAULT-VALUE})")
    private long roundsMax;

    @Option(
            names = "--period-days",
            paramLabel = "N",
            defaultValue = "90",
            description = "the same (default: ${DEFAULT-VALUE})")
    private long periodDays;

    @Option(
            names = "--delta",
            paramLabel = "D",
            defaultValue = "1e-8",
            description = "the same (default: ${DEFAULT-VALUE})")
    private double delta;

    @Option(
            names = "--noise",
            paramLabel = "Z",
            defaultValue = "4",
            description = "noise multiplier of the rounds whose number is left (default: ${DEFAULT-VALUE})")
    private double noise;

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Instant now = InstantSource.system().instant();
        Answer answer = whose.home == null ? asked(String.valueOf(whose.device)) : own(whose.home, now);
        answer.print(spec.commandLine().getOut(), json);
        return 0;
    }

    private Answer own(Path home, Instant now) throws IOException {
        PeriodBudget budget = budget();
        Charge next = charge();
        if (!Files.isRegularFile(home.resolve("ledger"))) {
            throw new ParameterException(
                    spec.commandLine(),
                    "no ledger in " + home + ": say the home folder that the app gave to its agent");
        }
        try (Ledger ledger = Ledger.openShared(home, vault.vault())) {
            LedgerStatement statement = ledger.statement(budget, now);
            Statement together = statement.together();
            List<Answer> skills = statement.bySkill().entrySet().stream()
                    .map(skill -> skill(skill.getKey(), skill.getValue()))
                    .toList();
            Answer answer = new Answer()
                    .add("roundsLeft", together.participationsLeft(next))
                    .add("rounds", together.inPeriod().participations())
                    .add("roundsMax", budget.participationsMax());
            return frees(epsilon(answer, "epsilon", together.epsilonInPeriod()), together.frees())
                    .add("epsilonMax", budget.epsilonMax())
                    .add("delta", budget.delta())
                    .add("periodDays", periodDays)
                    .add("roundsEver", together.ever().participations())
                    .add("epsilonEver", together.epsilonEver())
                    .add("skill", skills);
        } catch (HomeInUseException e) {
            throw new IOException(
                    "an agent is at work in " + home + ": wait until it has ended, or let the app show"
                            + " Agent.privacySpent()",
                    e);
        }
    }

    private static Answer skill(String name, Statement statement) {
        return new Answer()
                .add("name", name.isEmpty() ? "not noted" : name)
                .add("rounds", statement.inPeriod().participations())
                .add("epsilon", statement.epsilonInPeriod())
                .add("roundsEver", statement.ever().participations())
                .add("epsilonEver", statement.epsilonEver());
    }

    private Answer asked(String device) throws IOException, InterruptedException {
        if (aggregator == null || tokenFile == null) {
            throw new ParameterException(spec.commandLine(), DEVICE_MISSING);
        }
        if (!Identifiers.isIdentifier(device)) {
            throw new ParameterException(spec.commandLine(), "a device's id has 1 to 64 characters of [a-z0-9-]");
        }
        try (HttpClient client = HttpClient.newHttpClient()) {
            String token = Files.readString(tokenFile).trim();
            DeviceSpent spent = new AdminClient(client, aggregator, token).spent(device);
            Answer answer = new Answer().add("device", device).add("rounds", spent.participations());
            return frees(epsilon(answer, "epsilon", spent.epsilon()), spent.frees())
                    .add("delta", spent.delta())
                    .add("periodDays", spent.periodDays())
                    .add("roundsEver", spent.participationsEver())
                    .add("epsilonEver", spent.epsilonEver());
        }
    }

    private static Answer epsilon(Answer answer, String name, double epsilon) {
        return Double.isFinite(epsilon) ? answer.add(name, Answer.up(epsilon)) : answer.add(name, epsilon);
    }

    private static Answer frees(Answer answer, Optional<Instant> when) {
        return when.map(instant -> answer.add("oldestFrees", instant.toString()))
                .orElse(answer);
    }

    private PeriodBudget budget() {
        try {
            return new PeriodBudget(epsilonMax, delta, roundsMax, Duration.ofDays(periodDays));
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new ParameterException(
                    spec.commandLine(),
                    "a budget has an epsilon, rounds and days above 0, and a delta between 0 and 1",
                    e);
        }
    }

    private Charge charge() {
        if (!(noise > 0 && noise < Double.POSITIVE_INFINITY)) {
            throw new ParameterException(spec.commandLine(), "--noise must be above 0");
        }
        return new Charge(noise);
    }
}
