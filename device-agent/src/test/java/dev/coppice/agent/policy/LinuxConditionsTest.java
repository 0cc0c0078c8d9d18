package dev.coppice.agent.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coppice.agent.policy.Conditions.Heat;
import dev.coppice.agent.policy.Conditions.Link;
import dev.coppice.testkit.ManualClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A file system as Linux shows it, made up; and the one of this machine. */
class LinuxConditionsTest {
    private static final String ROUTES = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\n";

    @TempDir
    Path root;

    private final ManualClock clock = new ManualClock(Instant.parse("2026-03-01T20:00:00Z"));

    @Test
    void aMachineWithoutAnyOfItIsOnMainsCoolIdleAndOffline() throws IOException {
        assertThat(now()).isEqualTo(new Conditions(true, OptionalInt.empty(), Heat.NONE, Link.NONE, true));
    }

    @Test
    void batteriesAndChargersAreRead() throws IOException {
        supply("BAT0", "Battery", "status", "Discharging", "capacity", "71");
        supply("AC", "Mains", "online", "0");
        assertThat(now().isCharging()).isFalse();
        assertThat(now().batteryPercent()).hasValue(71);
        supply("BAT1", "Battery", "status", "Unknown", "capacity", "12");
        assertThat(now().batteryPercent()).as("the emptier one").hasValue(12);
        supply("AC", "Mains", "online", "1");
        assertThat(now().isCharging()).isTrue();
        supply("hidpp_battery_0", "Battery", "scope", "Device", "status", "Discharging", "capacity", "3");
        assertThat(now().batteryPercent()).as("not the mouse's").hasValue(12);
        supply("BAT0", "Battery", "status", "Full", "capacity", "nonsense");
        assertThat(now().batteryPercent()).hasValue(12);
    }

    @Test
    void heatIsJudgedByTheZonesOwnTripPoints() throws IOException {
        write("sys/class/thermal/thermal_zone0/temp", "79000\n");
        assertThat(now().heat()).as("without trip points").isEqualTo(Heat.LIGHT);
        write("sys/class/thermal/thermal_zone0/trip_point_0_type", "active\n");
        write("sys/class/thermal/thermal_zone0/trip_point_0_temp", "40000\n");
        write("sys/class/thermal/thermal_zone0/trip_point_1_type", "passive\n");
        write("sys/class/thermal/thermal_zone0/trip_point_1_temp", "75000\n");
        assertThat(now().heat()).isEqualTo(Heat.MODERATE);
        write("sys/class/thermal/thermal_zone1/temp", "106000\n");
        assertThat(now().heat()).as("the hottest").isEqualTo(Heat.CRITICAL);
        write("sys/class/thermal/thermal_zone1/temp", "cold\n");
        write("sys/class/thermal/cooling_device0/temp", "99000\n");
        assertThat(now().heat()).isEqualTo(Heat.MODERATE);
    }

    @Test
    void theDefaultRouteTellsTheNetwork() throws IOException {
        write("proc/net/route", ROUTES + "eth0\t0000A8C0\t0\t1\t0\t0\t0\t00FFFFFF\n");
        assertThat(now().link()).as("no default route").isEqualTo(Link.NONE);
        write("proc/net/route", ROUTES + "wwan0\t00000000\t0100A8C0\t3\t0\t0\t700\t00000000\n");
        assertThat(now().link()).isEqualTo(Link.METERED);
        write("proc/net/route", ROUTES + "usb0\t00000000\t0100A8C0\t3\t0\t0\t0\t00000000\n");
        assertThat(now().link()).isEqualTo(Link.UNMETERED);
        write("sys/class/net/usb0/uevent", "DEVTYPE=wwan\nINTERFACE=usb0\n");
        assertThat(now().link()).isEqualTo(Link.METERED);
        String nowhere = "0".repeat(32);
        write(
                "proc/net/ipv6_route",
                String.join(" ", nowhere, "00", nowhere, "00", nowhere, "1", "2", "3", "4", "wlan0\n"));
        assertThat(now().link()).as("the better one").isEqualTo(Link.UNMETERED);
    }

    @Test
    void whoTypedAtATerminalUsesTheMachine() throws IOException {
        Path terminal = write("dev/pts/3", "");
        Instant typed = clock.instant().minusSeconds(10);
        Files.getFileAttributeView(terminal, BasicFileAttributeView.class).setTimes(null, FileTime.from(typed), null);
        assertThat(now().isIdle()).isFalse();
        clock.advance(Duration.ofMinutes(5));
        assertThat(now().isIdle()).isTrue();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void thisMachineTellsItsState() throws IOException {
        Conditions here = new LinuxConditions(Path.of("/"), InstantSource.system()).now();
        assertThat(here.heat()).isLessThan(Heat.CRITICAL);
    }

    private Conditions now() throws IOException {
        return new LinuxConditions(root, clock).now();
    }

    private void supply(String name, String type, String... files) throws IOException {
        write("sys/class/power_supply/" + name + "/type", type + "\n");
        for (int i = 0; i < files.length; i += 2) {
            write("sys/class/power_supply/" + name + "/" + files[i], files[i + 1] + "\n");
        }
    }

    private Path write(String file, String content) throws IOException {
        Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        return Files.writeString(path, content);
    }
}
