package dev.coppice.simulator.cli;

import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.agent.AgentConfig;
import dev.coppice.agent.daemon.Daemon;
import dev.coppice.agent.daemon.DeviceProfile;
import dev.coppice.agent.daemon.LocalDoor;
import dev.coppice.agent.daemon.Outcomes;
import dev.coppice.agent.policy.ConditionSource;
import dev.coppice.agent.policy.Conditions.Link;
import dev.coppice.agent.policy.LinuxConditions;
import dev.coppice.agent.policy.QuietHours;
import dev.coppice.agent.policy.WorkPolicy;
import dev.coppice.agent.upload.Pause;
import dev.coppice.crypto.RandomSource;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.InstantSource;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code coppice agent run}. */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "Works whenever the device's state allows it, until Ctrl-C.",
        description = {
            "Newer packs, the personal adapter, rounds. By default only while charging",
            "(or on mains), with 30 % of battery, below moderate heat, on an unmetered network, while nobody types, and at",
            "most half an hour of one core, 100 MB and four rounds a day. Logs one JSON object a line on standard output;",
            "metrics and the other commands come through a door on the loopback address."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  coppice agent run --home /var/lib/coppice-agent --port 9464",
            "  coppice agent run --quiet-hours 22:00-06:30",
            "  coppice agent run --any-time                  a server, or to try it",
            "  curl localhost:9464/metrics"
        })
final class AgentRunCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(AgentRunCommand.class);

    @Mixin
    private final AgentHome home = new AgentHome();

    @Option(
            names = "--port",
            paramLabel = "N",
            defaultValue = "0",
            description = "port of the door on the loopback address; 0 takes a free one (default: ${DEFAULT-VALUE})")
    private int port;

    @Option(names = "--any-time", description = "whatever the device's state, and without limits for a day")
    private boolean anyTime;

    @Option(names = "--quiet-hours", paramLabel = "FROM-TO", description = "local hours to rest in, as 22:00-06:30")
    private @Nullable String quietHours;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException, EngineException {
        InstantSource clock = InstantSource.system();
        ConditionSource state = reached(new LinuxConditions(Path.of("/"), clock));
        Thread worker = Thread.currentThread();
        CountDownLatch ended = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> {
            worker.interrupt();
            try {
                ended.await(10, TimeUnit.SECONDS); // a step of training ends in that time; else it is as after a crash
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }));
        try {
            return home.open(builder -> settings(builder, state), agent -> {
                Outcomes outcomes = new Outcomes();
                try (LocalDoor door = LocalDoor.open(home.folder(), port, agent, outcomes, RandomSource.secure())) {
                    LOG.atInfo().addKeyValue("port", door.port()).log("open");
                    new Daemon(agent, outcomes, Pause.real()).run();
                    return 0;
                }
            });
        } catch (InterruptedException e) {
            LOG.info("ended");
            return 0;
        } finally {
            ended.countDown();
        }
    }

    private AgentConfig.Builder settings(AgentConfig.Builder builder, ConditionSource state) {
        WorkPolicy policy = anyTime ? WorkPolicy.ANY_TIME : WorkPolicy.DEFAULT;
        if (quietHours != null) {
            policy = policy.withQuietHours(hours(quietHours), ZoneId.systemDefault());
        }
        return builder.policy(policy).conditions(state);
    }

    private QuietHours hours(String text) {
        String[] ends = text.split("-", -1);
        try {
            if (ends.length == 2) {
                return new QuietHours(LocalTime.parse(ends[0]), LocalTime.parse(ends[1]));
            }
        } catch (DateTimeException | IllegalArgumentException e) {
            // as bad as one time alone
        }
        throw new ParameterException(spec.commandLine(), "quiet hours are two times of day, as 22:00-06:30");
    }

    /** An aggregator on this very machine is reached without any network. */
    private ConditionSource reached(ConditionSource state) throws IOException {
        String host = DeviceProfile.read(home.folder()).server().getHost();
        return host != null && InetAddress.getByName(host).isLoopbackAddress()
                ? () -> state.now().withLink(Link.UNMETERED)
                : state;
    }
}
