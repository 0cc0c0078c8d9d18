package dev.coppice.simulator.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.coppice.crypto.RandomSource;
import dev.coppice.crypto.masking.MaskingClient;
import dev.coppice.crypto.masking.Peers;
import dev.coppice.crypto.masking.Reckoning;
import dev.coppice.crypto.privacy.UpdateEncoder;
import dev.coppice.crypto.signing.VerifyingKey;
import java.security.SecureRandom;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadLocalRandom;

/** The modules point one way; what is dangerous or native has one home. Tests themselves are not looked at. */
@AnalyzeClasses(packages = "dev.coppice", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String PROTOCOL = "dev.coppice.protocol..";
    private static final String CRYPTO = "dev.coppice.crypto..";
    private static final String ADAPTERS = "dev.coppice.adapters..";
    private static final String AGENT = "dev.coppice.agent..";
    private static final String AGGREGATOR = "dev.coppice.aggregator..";
    private static final String SIMULATOR = "dev.coppice.simulator..";
    private static final String TESTKIT = "dev.coppice.testkit..";
    private static final String[] MODULES = {PROTOCOL, CRYPTO, ADAPTERS, AGENT, AGGREGATOR, SIMULATOR, TESTKIT};

    /** Draws an order from a fixed seed, on purpose: no secret is made with it. */
    private static final String TRIES_SHARES_IN_A_FIXED_ORDER = "dev.coppice.crypto.masking.SecretRecovery";

    /** Hands bytes that a RandomSource gave to algorithms of the platform that take no others, and draws none. */
    private static final String[] HAND_ON_GIVEN_RANDOMNESS = {
        "dev.coppice.crypto.internal.FixedRandom", "dev.coppice.crypto.internal.PlatformMlKem"
    };

    /** Devices of audits hand in made-up canaries, and no person's update. */
    private static final String MADE_UP_UPDATES = "dev.coppice.simulator.audit..";

    /** A fleet may have its sum in the clear, and says so in all it puts out: no such device exists. */
    private static final String SUMMED_IN_THE_CLEAR = "dev.coppice.simulator.fleet..";

    /** Experiments have nothing but sums in the clear, and say so. */
    private static final String EXPERIMENTS = "dev.coppice.simulator.experiment..";

    /** A rule about classes that are not there holds always: this says that they are. */
    @ArchTest
    static void everyModuleIsLookedAt(JavaClasses imported) {
        for (String module : MODULES) {
            long classes = imported.stream().filter(resideInAnyPackage(module)).count();
            assertThat(classes).as(module).isGreaterThanOrEqualTo(5);
        }
        assertThat(imported.stream().filter(not(resideInAnyPackage(MODULES)))).isEmpty();
    }

    @ArchTest
    static final ArchRule protocolKnowsTheJdkAndProtobufAlone = classes()
            .that()
            .resideInAPackage(PROTOCOL)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    PROTOCOL,
                    "java..",
                    "com.google.protobuf..",
                    "org.jspecify.annotations..",
                    "com.google.errorprone.annotations..")
            .because("whoever speaks the protocol must not have to take anything else along");

    @ArchTest
    static final ArchRule cryptoKnowsOnlyProtocolOfOurs =
            knowsOfOurs(CRYPTO, PROTOCOL).because("what guards secrets is read and tested by itself");

    @ArchTest
    static final ArchRule adaptersMayKnowProtocolAndCrypto = knowsOfOurs(ADAPTERS, PROTOCOL, CRYPTO)
            .because("models and adapters are the same on a device, in the simulator and in a tool");

    @ArchTest
    static final ArchRule theAgentKnowsNeitherAggregatorNorSimulator = knowsOfOurs(AGENT, PROTOCOL, CRYPTO, ADAPTERS)
            .because("device and aggregator meet on the wire, and an app embeds the agent alone");

    @ArchTest
    static final ArchRule theAggregatorKnowsNeitherAgentNorSimulator = knowsOfOurs(
                    AGGREGATOR, PROTOCOL, CRYPTO, ADAPTERS)
            .because("device and aggregator meet on the wire, and an operator runs the aggregator alone");

    @ArchTest
    static final ArchRule nothingShippedKnowsTheTestkit = noClasses()
            .that()
            .resideOutsideOfPackage(TESTKIT)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(TESTKIT)
            .because("its randomness can be reproduced by anyone");

    @ArchTest
    static final ArchRule frameworksStayInTheAggregator = noClasses()
            .that()
            .resideOutsideOfPackage(AGGREGATOR)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.micronaut..", "jakarta..", "io.netty..", "reactor..")
            .because("a library that is embedded brings no framework with it");

    @ArchTest
    static final ArchRule theAggregatorsDomainIsPlainJava = noClasses()
            .that()
            .resideInAnyPackage(
                    "dev.coppice.aggregator.round..",
                    "dev.coppice.aggregator.budget..",
                    "dev.coppice.aggregator.release..",
                    "dev.coppice.aggregator.task..",
                    "dev.coppice.aggregator.enrolment..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.micronaut..", "jakarta..", "io.netty..", "reactor..", "java.sql..", "javax.sql..")
            .because("the rules of a round are tested without a server and outlive the framework");

    @ArchTest
    static final ArchRule nativeEnginesHaveOneHome = noClasses()
            .that()
            .resideOutsideOfPackage("dev.coppice.adapters.runtime..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.lang.foreign..", "org.bytedeco..", "ai.onnxruntime..")
            .because("native memory is owned, and closed, in one place");

    @ArchTest
    static final ArchRule theInsideOfCryptoStaysInside = noClasses()
            .that()
            .resideOutsideOfPackage(CRYPTO)
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.coppice.crypto.internal..")
            .because("field arithmetic and raw keys are safe only behind the types that guard them");

    @ArchTest
    static final ArchRule timeIsHandedIn = noClasses()
            .that(resideOutsideOfPackages("dev.coppice.simulator.cli..", TESTKIT)
                    .and(not(resideInAnyPackage("dev.coppice.aggregator", "dev.coppice.agent"))))
            .should()
            .callMethodWhere(Calls.ofTheWallClock())
            .because("only wiring chooses a clock; everything else can be run at any time");

    @ArchTest
    static final ArchRule randomnessThatMattersIsHandedIn = noClasses()
            .that(resideInAnyPackage(PROTOCOL, CRYPTO, AGENT, AGGREGATOR)
                    .and(not(belongToAnyOf(RandomSource.class)))
                    .and(not(name(TRIES_SHARES_IN_A_FIXED_ORDER)))
                    .and(not(name(HAND_ON_GIVEN_RANDOMNESS[0])))
                    .and(not(name(HAND_ON_GIVEN_RANDOMNESS[1]))))
            .should()
            .dependOnClassesThat(
                    belongToAnyOf(Random.class, SplittableRandom.class, ThreadLocalRandom.class, SecureRandom.class))
            .orShould()
            .callMethod(Math.class, "random")
            .because("a key or a noise that can be predicted protects nobody: all randomness is a RandomSource");

    @ArchTest
    static final ArchRule nothingAnywhereDrawsUnseededNumbers = noClasses()
            .should()
            .callConstructor(Random.class)
            .orShould()
            .callConstructor(SplittableRandom.class)
            .orShould()
            .callMethod(Math.class, "random")
            .orShould()
            .dependOnClassesThat(belongToAnyOf(ThreadLocalRandom.class))
            .because("a seeded run must be the same to the bit");

    @ArchTest
    static final ArchRule updatesLeaveByOneDoor = noClasses()
            .that(resideOutsideOfPackages(
                    CRYPTO, "dev.coppice.agent.upload..", MADE_UP_UPDATES, SUMMED_IN_THE_CLEAR, EXPERIMENTS))
            .should()
            .dependOnClassesThat(belongToAnyOf(UpdateEncoder.class, MaskingClient.class))
            .because("whatever leaves a device was clipped, noised, charged and masked in agent.upload");

    @ArchTest
    static final ArchRule realDevicesReckonForThemselves = noClasses()
            .that(resideOutsideOfPackages(CRYPTO, SIMULATOR))
            .should()
            .callConstructor(Peers.class, VerifyingKey.class, Reckoning.class)
            .orShould()
            .implement(Reckoning.class)
            .because("what somebody else may have reckoned is for simulations");

    @ArchTest
    static final ArchRule packagesHaveNoCycles =
            slices().matching("dev.coppice.(**)").should().beFreeOfCycles().because("each can be read after the other");

    private static ArchRule knowsOfOurs(String module, String... others) {
        String[] allowed = new String[others.length + 1];
        System.arraycopy(others, 0, allowed, 0, others.length);
        allowed[others.length] = module;
        return noClasses()
                .that()
                .resideInAPackage(module)
                .should()
                .dependOnClassesThat(resideInAnyPackage("dev.coppice..").and(resideOutsideOfPackages(allowed)));
    }
}
