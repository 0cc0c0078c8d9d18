package dev.coppice.simulator.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules whose conditions are of our own making, against classes that break them. */
class RulesCanFailTest {
    @ParameterizedTest
    @ValueSource(classes = {ReadsNow.class, ReadsMillis.class, TakesTheSystemsClock.class, TakesTheSystemsSource.class})
    void aClockReadOutOfPlaceIsFound(Class<?> wrong) {
        assertThat(breaks(ArchitectureTest.timeIsHandedIn, wrong)).isTrue();
    }

    @Test
    void aTimeMadeFromAnotherIsNoClock() {
        assertThat(breaks(ArchitectureTest.timeIsHandedIn, AsksWhatItWasGiven.class))
                .isFalse();
    }

    @Test
    void anUnseededGeneratorIsFound() {
        assertThat(breaks(ArchitectureTest.nothingAnywhereDrawsUnseededNumbers, DrawsUnseeded.class))
                .isTrue();
        assertThat(breaks(ArchitectureTest.nothingAnywhereDrawsUnseededNumbers, DrawsSeeded.class))
                .isFalse();
    }

    private static boolean breaks(ArchRule rule, Class<?> wrong) {
        JavaClasses imported = new ClassFileImporter().importClasses(wrong);
        return rule.evaluate(imported).hasViolation();
    }

    static final class ReadsNow {
        Instant time() {
            return Instant.now();
        }
    }

    static final class ReadsMillis {
        long time() {
            return System.currentTimeMillis();
        }
    }

    static final class TakesTheSystemsClock {
        Clock clock() {
            return Clock.systemUTC();
        }
    }

    static final class TakesTheSystemsSource {
        InstantSource clock() {
            return InstantSource.system();
        }
    }

    static final class AsksWhatItWasGiven {
        Instant time(InstantSource clock) {
            return clock.instant().plusSeconds(Instant.EPOCH.getEpochSecond());
        }
    }

    static final class DrawsUnseeded {
        int draw() {
            return new Random().nextInt();
        }
    }

    static final class DrawsSeeded {
        int draw() {
            return new Random(7).nextInt();
        }
    }
}
