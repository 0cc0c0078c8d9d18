package dev.coppice.agent.policy;

import dev.coppice.agent.policy.Conditions.Heat;
import dev.coppice.agent.policy.Conditions.Link;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * The state of a Linux machine, read from {@code /sys}, {@code /proc} and {@code /dev}: chargers and batteries
 * (power_supply), thermal zones with their trip points, the network that the default route leads to (one of a modem or a
 * dial-up counts as metered), and when somebody last typed at a terminal. What a graphical session sees of its user, and
 * what a network manager was told about metered networks, is not in there. Thread-safe.
 */
public final class LinuxConditions implements ConditionSource {
    private static final Duration IDLE_AFTER = Duration.ofMinutes(5);
    private static final int MILLIDEGREES_LIGHT_BELOW_PASSIVE = 10_000;

    /** Of zones without trip points, in thousandths of a degree Celsius. */
    private static final long[] USUAL_TRIPS = {70_000, 85_000, 95_000, 105_000};

    private static final List<Heat> HEATS = List.of(Heat.LIGHT, Heat.MODERATE, Heat.SEVERE, Heat.CRITICAL);

    private final Path root;
    private final InstantSource clock;

    /**
     * @param root of the file system; another one than {@code /} holds copies of those files
     * @param clock to tell how long terminals have been unused
     */
    public LinuxConditions(Path root, InstantSource clock) {
        this.root = root;
        this.clock = clock;
    }

    @Override
    public Conditions now() throws IOException {
        boolean onMains = false;
        boolean discharging = false;
        OptionalInt percent = OptionalInt.empty();
        for (Path supply : entries("sys/class/power_supply")) {
            String type = text(supply.resolve("type")).orElse("");
            if (type.equals("Battery")
                    && !text(supply.resolve("scope")).orElse("System").equals("Device")) {
                discharging |= text(supply.resolve("status")).orElse("").equals("Discharging");
                OptionalLong capacity = number(supply.resolve("capacity"));
                if (capacity.isPresent() && capacity.getAsLong() >= 0 && capacity.getAsLong() <= 100) {
                    percent = OptionalInt.of(Math.min(percent.orElse(100), (int) capacity.getAsLong()));
                }
            } else if (number(supply.resolve("online")).orElse(0) > 0) {
                onMains = true;
            }
        }
        boolean isCharging = percent.isEmpty() || onMains || !discharging;
        return new Conditions(isCharging, percent, heat(), link(), isIdle());
    }

    private Heat heat() throws IOException {
        Heat hottest = Heat.NONE;
        for (Path zone : entries("sys/class/thermal")) {
            OptionalLong millidegrees = number(zone.resolve("temp"));
            if (zone.getFileName().toString().startsWith("thermal_zone") && millidegrees.isPresent()) {
                Heat here = heat(millidegrees.getAsLong(), trips(zone));
                hottest = here.compareTo(hottest) > 0 ? here : hottest;
            }
        }
        return hottest;
    }

    /** @param trips from which on it is LIGHT, MODERATE, SEVERE and CRITICAL */
    private static Heat heat(long millidegrees, long[] trips) {
        Heat heat = Heat.NONE;
        for (int i = 0; i < trips.length; i++) {
            heat = millidegrees >= trips[i] ? HEATS.get(i) : heat;
        }
        return heat;
    }

    /** A zone's own trip points where it has them: it slows down at the passive one. */
    private static long[] trips(Path zone) throws IOException {
        long[] trips = USUAL_TRIPS.clone();
        for (int i = 0; ; i++) {
            Optional<String> type = text(zone.resolve("trip_point_" + i + "_type"));
            OptionalLong at = number(zone.resolve("trip_point_" + i + "_temp"));
            if (type.isEmpty() || at.isEmpty()) {
                return trips;
            }
            if (at.getAsLong() <= 0) {
                continue; // a trip point that is switched off
            }
            switch (type.get()) {
                case "passive" -> {
                    trips[0] = at.getAsLong() - MILLIDEGREES_LIGHT_BELOW_PASSIVE;
                    trips[1] = at.getAsLong();
                }
                case "hot" -> trips[2] = at.getAsLong();
                case "critical" -> trips[3] = at.getAsLong();
                default -> {} // a fan's
            }
        }
    }

    private Link link() throws IOException {
        Link best = Link.NONE;
        for (String line : lines("proc/net/route")) {
            String[] fields = line.trim().split("\\s+", -1);
            if (fields.length > 7 && fields[1].equals("00000000") && fields[7].equals("00000000")) {
                best = better(best, fields[0]);
            }
        }
        for (String line : lines("proc/net/ipv6_route")) {
            String[] fields = line.trim().split("\\s+", -1);
            if (fields.length > 9 && fields[0].equals("0".repeat(32)) && fields[1].equals("00")) {
                best = better(best, fields[9]);
            }
        }
        return best;
    }

    private Link better(Link best, String device) throws IOException {
        if (device.equals("lo")) {
            return best;
        }
        Link link = isMetered(device) ? Link.METERED : Link.UNMETERED;
        return link.compareTo(best) > 0 ? link : best;
    }

    private boolean isMetered(String device) throws IOException {
        String event = text(root.resolve("sys/class/net").resolve(device).resolve("uevent"))
                .orElse("");
        return event.contains("DEVTYPE=wwan")
                || device.startsWith("wwan")
                || device.startsWith("ppp")
                || device.startsWith("rmnet");
    }

    private boolean isIdle() throws IOException {
        Instant lastUse = Instant.MIN;
        for (Path terminal : entries("dev/pts")) {
            if (!terminal.getFileName().toString().equals("ptmx")) {
                lastUse = later(lastUse, terminal);
            }
        }
        return lastUse.isBefore(clock.instant().minus(IDLE_AFTER));
    }

    /** The access time of a terminal is when it was last read from. */
    private static Instant later(Instant before, Path terminal) throws IOException {
        try {
            Instant read =
                    ((java.nio.file.attribute.FileTime) Files.getAttribute(terminal, "lastAccessTime")).toInstant();
            return read.isAfter(before) ? read : before;
        } catch (NoSuchFileException e) {
            return before; // closed meanwhile
        }
    }

    private List<Path> entries(String folder) throws IOException {
        List<Path> entries = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(root.resolve(folder))) {
            found.forEach(entries::add);
        } catch (NoSuchFileException | NotDirectoryException e) {
            return List.of(); // a machine without such things
        }
        return entries;
    }

    private List<String> lines(String file) throws IOException {
        try {
            return Files.readAllLines(root.resolve(file));
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    /** A file's text without the space around it; empty if it is not there, or its driver does not answer. */
    private static Optional<String> text(Path file) {
        try {
            return Optional.of(new String(Files.readAllBytes(file), StandardCharsets.UTF_8).trim());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static OptionalLong number(Path file) {
        Optional<String> text = text(file);
        try {
            return text.isPresent() ? OptionalLong.of(Long.parseLong(text.get())) : OptionalLong.empty();
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }
}
