package dev.coppice.simulator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coppice.testkit.ProjectFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The launcher in a project folder of its own, with a JDK and a Maven that only write down how they were called. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the launcher is a bash script")
class LauncherTest {
    /** Prints its arguments, makes the cache that it is asked for, and says as an aggregator that it answers. */
    private static final String FAKE_JAVA = """
            echo "$0 $*"
            for argument; do
              case $argument in
                -XX:AOTCacheOutput=*) echo classes >"${argument#*=}" ;;
                */home) mkdir -p "$argument"; echo 1 >"$argument/port" ;;
              esac
            done
            """;

    @TempDir
    private Path folder;

    private Path root;
    private Path jdk;
    private Path bin;

    @BeforeEach
    void makeProject() throws IOException {
        root = Files.createDirectories(folder.resolve("a project"));
        Files.copy(ProjectFiles.root().resolve("coppice"), root.resolve("coppice"));
        assertThat(root.resolve("coppice").toFile().setExecutable(true)).isTrue();
        Files.createDirectories(root.resolve("simulator/src/main/java"));
        Files.writeString(root.resolve("pom.xml"), "<project/>");
        Files.writeString(root.resolve("simulator/pom.xml"), "<project/>");
        jdk = jdk("jdk", 25);
        bin = Files.createDirectories(folder.resolve("bin"));
        script(bin.resolve("mvn"), """
                echo "built by $JAVA_HOME with $*" >>"$BUILDS"
                mkdir -p simulator/target/classes
                : >simulator/target/some.jar
                : >simulator/target/coppice-simulator-1.jar
                echo "$PWD/simulator/target/some.jar" >simulator/target/classpath.new
                """);
    }

    @Test
    void theFirstUseBuildsAndTheSecondDoesNot() throws Exception {
        Run first = run(root.resolve("coppice"), "demo", "--seed", "7 8");
        Run second = run(root.resolve("coppice"), "demo");

        assertThat(first.code()).isZero();
        assertThat(first.output()).contains("building (first use", "dev.coppice.simulator.cli.Coppice demo --seed 7 8");
        assertThat(first.output()).contains("--enable-native-access=ALL-UNNAMED", "maxPhysicalBytes=0", "cachedir=");
        assertThat(second.output()).doesNotContain("building").contains("Coppice demo");
        assertThat(builds()).hasSize(1).allMatch(line -> line.contains("package") && line.contains(jdk.toString()));
    }

    @Test
    void aChangedSourceIsBuiltAgain() throws Exception {
        run(root.resolve("coppice"));
        Path source = Files.writeString(root.resolve("simulator/src/main/java/New.java"), "class New {}");
        Files.setLastModifiedTime(
                source, FileTime.fromMillis(Files.getLastModifiedTime(source).toMillis() + 5000));

        Run again = run(root.resolve("coppice"));

        assertThat(again.output()).contains("has changed");
        assertThat(builds()).hasSize(2);
    }

    @Test
    void aLibraryThatIsGoneIsFetchedAgain() throws Exception {
        run(root.resolve("coppice"));
        Files.delete(root.resolve("simulator/target/some.jar"));

        assertThat(run(root.resolve("coppice")).output()).contains("building (some.jar is gone");
    }

    @Test
    void itRunsFromAnywhereAndThroughLinks() throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("link"), root.resolve("coppice"));
        Path linkToLink = Files.createSymbolicLink(folder.resolve("again"), Path.of("link"));

        Run run = run(linkToLink, "--help");

        assertThat(link).exists();
        assertThat(run.code()).isZero();
        assertThat(run.output()).contains("-Dcoppice.root=" + root.toRealPath(), "Coppice --help");
    }

    @Test
    void aJdkThatIsTooOldIsPassedOver() throws Exception {
        Path old = jdk("old", 17);

        Run run = run(Map.of("JAVA_HOME", old.toString(), "HOME", homeWith(jdk).toString()), root.resolve("coppice"));

        assertThat(run.output()).doesNotContain(old.toString());
    }

    /** Made in the background at first use; used from then on, until a jar is newer. */
    @Test
    void agentAndAggregatorStartFromACacheOfClassesOnceThereIsOne() throws Exception {
        for (String command : List.of("agent", "aggregator")) {
            Run first = run(root.resolve("coppice"), command, "status");
            assertThat(first.output())
                    .contains("Coppice " + command + " status")
                    .doesNotContain("-XX:AOTCache");
            Path cache = awaitCache(command);
            Run second = run(root.resolve("coppice"), command, "status");
            assertThat(second.output()).contains("-XX:AOTCache=" + cache);
            assertThat(second.output()).contains(command.equals("agent") ? "UseSerialGC" : "UseParallelGC");
            assertThat(run(Map.of("COPPICE_AOT", "off"), root.resolve("coppice"), command)
                            .output())
                    .doesNotContain("-XX:AOTCache");
            assertThat(run(Map.of("COPPICE_JVM_OPTIONS", "-Xmx1g"), root.resolve("coppice"), command)
                            .output())
                    .as("other flags need another one")
                    .contains("-Xmx1g")
                    .doesNotContain("-XX:AOTCache=" + cache);

            Files.setLastModifiedTime(
                    root.resolve("simulator/target/some.jar"),
                    FileTime.fromMillis(Files.getLastModifiedTime(cache).toMillis() + 5000));
            assertThat(run(root.resolve("coppice"), command, "status").output()).doesNotContain("-XX:AOTCache");
            Files.setLastModifiedTime(root.resolve("simulator/target/some.jar"), FileTime.fromMillis(0));
            for (int i = 0; i < 600 && !Files.exists(cache); i++) {
                Thread.sleep(100);
            }
            assertThat(cache).as("made anew").exists();
        }
        assertThat(run(root.resolve("coppice"), "demo").output()).doesNotContain("-XX:AOTCache", "UseSerialGC");
    }

    /** Else each start would fail with it. */
    @Test
    void aCacheThatNoVirtualMachineStartsWithIsNotKept() throws Exception {
        script(
                jdk.resolve("bin/java"),
                FAKE_JAVA + "case $* in *-XX:AOTCache=*) echo tried >>\"$BUILDS\"; exit 1 ;; esac");
        run(root.resolve("coppice"), "agent", "status");
        for (int i = 0; i < 600 && !builds().contains("tried"); i++) {
            Thread.sleep(100);
        }
        assertThat(builds()).contains("tried");
        assertThat(run(root.resolve("coppice"), "agent", "status").output()).doesNotContain("-XX:AOTCache");
    }

    private Path awaitCache(String command) throws Exception {
        for (int i = 0; i < 600; i++) {
            try (var caches = Files.newDirectoryStream(folder.resolve("cache/coppice"), command + "-*.aot")) {
                for (Path cache : caches) {
                    return cache;
                }
            }
            Thread.sleep(100);
        }
        throw new AssertionError("no cache was made");
    }

    @Test
    void aFailedBuildShowsTheErrorsAndRunsNothing() throws Exception {
        script(bin.resolve("mvn"), "echo '[ERROR] no such symbol'; echo '[INFO] noise'; exit 1");

        Run run = run(root.resolve("coppice"));

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.output()).contains("[ERROR] no such symbol", "build.log").doesNotContain("noise", "cli.Coppice");
    }

    private record Run(int code, String output) {}

    private Run run(Path launcher, String... args) throws Exception {
        return run(Map.of(), launcher, args);
    }

    private Run run(Map<String, String> more, Path launcher, String... args) throws Exception {
        ProcessBuilder builder = new ProcessBuilder();
        builder.command().add(launcher.toString());
        builder.command().addAll(List.of(args));
        Map<String, String> environment = new HashMap<>(Map.of(
                "JAVA_HOME", jdk.toString(),
                "PATH", bin + ":/usr/bin:/bin",
                "HOME", folder.toString(),
                "XDG_CACHE_HOME", folder.resolve("cache").toString(),
                "BUILDS", folder.resolve("builds").toString()));
        environment.putAll(more);
        builder.environment().clear();
        builder.environment().putAll(environment);
        Process process =
                builder.directory(folder.toFile()).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return new Run(process.exitValue(), output);
    }

    private List<String> builds() throws IOException {
        return Files.readAllLines(folder.resolve("builds"));
    }

    private Path homeWith(Path found) throws IOException {
        Path home = folder.resolve("home");
        Files.createSymbolicLink(Files.createDirectories(home.resolve(".jdks")).resolve("new"), found);
        return home;
    }

    /** A JDK whose java prints its arguments. */
    private Path jdk(String name, int version) throws IOException {
        Path home = Files.createDirectories(folder.resolve(name));
        Files.createDirectories(home.resolve("bin"));
        Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + ".0.1\"\n");
        script(home.resolve("bin/java"), FAKE_JAVA);
        script(home.resolve("bin/javac"), "exit 1");
        return home;
    }

    private static void script(Path file, String body) throws IOException {
        Files.writeString(file, "#!/usr/bin/env bash\n" + body + "\n");
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }
}
