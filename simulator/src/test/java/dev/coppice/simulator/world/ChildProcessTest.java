package dev.coppice.simulator.world;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChildProcessTest {
    @TempDir
    private Path folder;

    @Test
    void aClosedChildIsGone() throws Exception {
        ChildProcess child = start(Sleeper.class);
        assertThat(child.alive()).isTrue();

        child.close();

        assertThat(child.alive()).isFalse();
    }

    @Test
    void aChildThatFailsIsReportedWithTheEndOfItsOutput() throws Exception {
        try (ChildProcess child = start(Failing.class)) {
            assertThat(child.await(Duration.ofSeconds(20))).isEqualTo(1);

            assertThatThrownBy(child::mustBeAlive)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("failing ended with exit code 1")
                    .hasMessageContaining("no more coffee");
        }
    }

    @Test
    void aChildEndsWhenItsParentIsKilled() throws Exception {
        Path childsPid = folder.resolve("pid");
        Process parent = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Parent.class.getName(),
                        childsPid.toString())
                .start();
        while (!Files.exists(childsPid) && parent.isAlive()) {
            Thread.sleep(20);
        }
        ProcessHandle child =
                ProcessHandle.of(Long.parseLong(Files.readString(childsPid))).orElseThrow();

        parent.destroyForcibly().waitFor(); // no hook runs

        child.onExit().get(20, TimeUnit.SECONDS);
        assertThat(child.isAlive()).isFalse();
    }

    private ChildProcess start(Class<?> program) throws IOException {
        return ChildProcess.start(
                program.getSimpleName().toLowerCase(java.util.Locale.ROOT),
                folder.resolve("log"),
                List.of(),
                program.getName(),
                List.of());
    }

    /** Does nothing for a long time. */
    public static final class Sleeper {
        private Sleeper() {}

        public static void main(String[] args) throws InterruptedException {
            Thread.sleep(Duration.ofMinutes(5));
        }
    }

    /** Ends with an exception. */
    public static final class Failing {
        private Failing() {}

        public static void main(String[] args) {
            if (args.length == 0) {
                throw new IllegalStateException("no more coffee");
            }
        }
    }

    /** Starts a child and waits to be killed. */
    public static final class Parent {
        private Parent() {}

        public static void main(String[] args) throws Exception {
            Path pid = Path.of(args[0]);
            Path log = pid.resolveSibling("child.log");
            ChildProcess child = ChildProcess.start("sleeper", log, List.of(), Sleeper.class.getName(), List.of());
            Path written = pid.resolveSibling("pid.new");
            Files.writeString(written, Long.toString(child.pid()));
            Files.move(written, pid);
            Thread.sleep(Duration.ofMinutes(5));
        }
    }
}
