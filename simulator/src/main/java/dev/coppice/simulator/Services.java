package dev.coppice.simulator;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.adapters.format.Safetensors;
import dev.coppice.agent.TrustAnchors;
import dev.coppice.crypto.signing.VerifyingKey;
import dev.coppice.crypto.trust.MetadataRefusedException;
import dev.coppice.crypto.trust.TrustedRoot;
import dev.coppice.simulator.operator.AdminClient;
import dev.coppice.simulator.operator.AggregatorProcess;
import dev.coppice.simulator.operator.TaskDefinition;
import dev.coppice.simulator.world.ChildProcess;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.InvalidKeyException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The aggregator with its task and the release signer, each in a process of its own. */
final class Services implements AutoCloseable {
    private static final Duration LOOK_EVERY = Duration.ofMillis(50);
    private static final Duration SIGNER_START_MAX = Duration.ofSeconds(60);
    private static final String COMMAND_LINE = "dev.coppice.simulator.cli.Coppice";
    private static final int PHASE_SECONDS = 3_600;
    private static final List<String> SIGNER_FLAGS = List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

    private final AggregatorProcess aggregator;
    private final AdminClient admin;
    private final String taskId;
    private final ChildProcess signer;
    private final TrustAnchors trust;

    private Services(
            AggregatorProcess aggregator, AdminClient admin, String taskId, ChildProcess signer, TrustAnchors trust) {
        this.aggregator = aggregator;
        this.admin = admin;
        this.taskId = taskId;
        this.signer = signer;
        this.trust = trust;
    }

    /** Starts both and waits until devices may come. */
    @MustBeClosed
    static Services start(DemoSettings settings, Material material, OutFolder out, HttpClient client)
            throws IOException, InterruptedException {
        AggregatorProcess aggregator = AggregatorProcess.start(out.aggregator(), out.log("aggregator"));
        try {
            AdminClient admin = aggregator.admin(client);
            String taskId = admin.createTask(task(settings, material, admin));
            ChildProcess signer = startSigner(settings, material, aggregator, taskId, out);
            try {
                return new Services(aggregator, admin, taskId, signer, trust(admin, signer, out.root()));
            } catch (IOException | InterruptedException e) {
                signer.close();
                throw e;
            }
        } catch (IOException | InterruptedException e) {
            aggregator.close();
            throw e;
        }
    }

    private static TaskDefinition task(DemoSettings settings, Material material, AdminClient admin)
            throws IOException, InterruptedException {
        Recipe recipe = material.recipe();
        var cohort = material.cohort();
        return new TaskDefinition(
                Fleets.SKILL,
                Fleets.POPULATION,
                material.model().sha256(),
                new ObjectMapper().readTree(material.kit().spec().toJson()),
                material.kit().sha256(),
                admin.putBlob(Safetensors.write(material.kit().initial())),
                settings.rounds(),
                recipe.localSteps(),
                recipe.learningRate(),
                1,
                recipe.clipNorm(),
                settings.clipQuantile().isPresent()
                        ? new TaskDefinition.ClipRule(
                                "adaptive", settings.clipQuantile().getAsDouble())
                        : null,
                settings.epsilon().isPresent() ? settings.epsilon().getAsDouble() : null,
                DemoSettings.DELTA,
                new TaskDefinition.CohortRule(
                        cohort.sizeMin(), cohort.sizeMax(), cohort.dropoutBound(), cohort.corruptionBound()),
                settings.mergeRule(),
                recipe.server(material.noise(), material.population().people().size(), material.dimension()),
                new TaskDefinition.PhaseSeconds(PHASE_SECONDS, PHASE_SECONDS, PHASE_SECONDS, PHASE_SECONDS));
    }

    private static ChildProcess startSigner(
            DemoSettings settings, Material material, AggregatorProcess aggregator, String taskId, OutFolder out)
            throws IOException {
        List<String> args = new ArrayList<>(List.of("pack", "signer"));
        args.addAll(List.of("--aggregator", aggregator.address().toString()));
        args.addAll(List.of("--token-file", aggregator.tokenFile().toString()));
        args.addAll(List.of("--task", taskId, "--skill", Fleets.SKILL));
        args.addAll(List.of("--kit", material.kit().folder().toString()));
        args.addAll(List.of("--root", out.root().toString()));
        args.addAll(List.of("--participations", Integer.toString(settings.rounds())));
        if (material.noise().isPrivate()) {
            args.addAll(List.of("--epsilon", Double.toString(material.noise().epsilon())));
            args.addAll(List.of("--delta", Double.toString(DemoSettings.DELTA)));
            args.addAll(List.of(
                    "--noise-multiplier", Double.toString(material.noise().noiseMultiplier())));
        }
        return ChildProcess.start("signer", out.log("signer"), SIGNER_FLAGS, COMMAND_LINE, args);
    }

    /** What an app would be built with: here the keys that were made a moment ago. */
    private static TrustAnchors trust(AdminClient admin, ChildProcess signer, Path root)
            throws IOException, InterruptedException {
        AdminClient.PublicKeys keys = admin.keys();
        for (long waited = 0; !Files.exists(root); waited += LOOK_EVERY.toMillis()) {
            signer.mustBeAlive();
            if (waited > SIGNER_START_MAX.toMillis()) {
                throw new IOException("the signer wrote no root");
            }
            Thread.sleep(LOOK_EVERY);
        }
        try {
            return new TrustAnchors(
                    VerifyingKey.of(keys.server()),
                    VerifyingKey.of(keys.enrolment()),
                    TrustedRoot.pinned(Files.readAllBytes(root)));
        } catch (InvalidKeyException | MetadataRefusedException e) {
            throw new IOException("a public key is none: " + e.getMessage(), e);
        }
    }

    AggregatorProcess aggregator() {
        return aggregator;
    }

    AdminClient admin() {
        return admin;
    }

    String taskId() {
        return taskId;
    }

    TrustAnchors trust() {
        return trust;
    }

    /** Waits until the signer has released the pack. */
    void awaitRelease(Duration limit) throws IOException, InterruptedException {
        signer.await(limit);
        signer.mustNotHaveFailed();
    }

    /** Fails when one of the processes has ended that should not have, with the end of its log. */
    void mustBeWell() throws IOException {
        aggregator.mustBeAlive();
        signer.mustNotHaveFailed();
    }

    @Override
    public void close() {
        signer.close();
        aggregator.close();
    }
}
