package dev.coppice.simulator.simulation;

import dev.coppice.simulator.fleet.FleetResult;
import dev.coppice.simulator.fleet.RoundRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** CSV files that a notebook reads, one head line each; empty where something was not measured. */
final class CsvFiles {
    private CsvFiles() {}

    /** {@code rounds.csv}, {@code classes.csv}, {@code devices.csv} and {@code participations.csv}. */
    static void write(Path folder, List<SeedResult> results) throws IOException {
        StringBuilder rounds = new StringBuilder(
                "seed,round,privacy,outcome,asked,members,in_sum,dropouts,refused,steps,"
                        + "training_loss,bytes_up,bytes_down,began_s,ended_s,accuracy,loss,attack_success,attackers,epsilon\n");
        StringBuilder classes =
                new StringBuilder("seed,round,device_class,asked,members,in_sum,training_loss,ready_s\n");
        StringBuilder devices = new StringBuilder("seed,device,device_class,malicious,participations,accuracy_before,"
                + "accuracy_after,loss_before,loss_after\n");
        StringBuilder participations = new StringBuilder("seed,device,participations\n");
        for (SeedResult one : results) {
            one.result().rounds().forEach(round -> add(rounds, classes, one.seed(), round));
            one.result().gains().forEach(gain -> add(devices, one.seed(), gain));
            for (int i = 0; i < one.result().participations().size(); i++) {
                row(participations, one.seed(), i, one.result().participations().get(i));
            }
        }
        Files.writeString(folder.resolve("rounds.csv"), rounds);
        Files.writeString(folder.resolve("classes.csv"), classes);
        Files.writeString(folder.resolve("devices.csv"), devices);
        Files.writeString(folder.resolve("participations.csv"), participations);
    }

    private static void add(StringBuilder rounds, StringBuilder classes, long seed, RoundRecord round) {
        row(
                rounds,
                seed,
                round.number(),
                round.privacy(),
                round.outcome(),
                round.asked(),
                round.members(),
                round.inSum(),
                round.dropouts().values().stream().mapToInt(Integer::intValue).sum(),
                round.refused().values().stream().mapToInt(Integer::intValue).sum(),
                round.steps(),
                round.trainingLoss(),
                round.bytesUp(),
                round.bytesDown(),
                round.beganSeconds(),
                round.endedSeconds(),
                round.accuracy(),
                round.loss(),
                round.attackSuccess(),
                round.attackers(),
                round.epsilonMax());
        round.classes()
                .forEach((name, figures) -> row(
                        classes,
                        seed,
                        round.number(),
                        name,
                        figures.asked(),
                        figures.members(),
                        figures.inSum(),
                        figures.trainingLoss(),
                        figures.seconds()));
    }

    private static void add(StringBuilder devices, long seed, FleetResult.Gain gain) {
        row(
                devices,
                seed,
                gain.device(),
                gain.deviceClass(),
                gain.malicious(),
                gain.participations(),
                gain.before().accuracy(),
                gain.after().accuracy(),
                gain.before().loss(),
                gain.after().loss());
    }

    private static void row(StringBuilder file, Object... cells) {
        for (int i = 0; i < cells.length; i++) {
            file.append(i == 0 ? "" : ",").append(cell(cells[i]));
        }
        file.append('\n');
    }

    private static String cell(Object value) {
        return value instanceof Double number && number.isNaN() ? "" : String.format(Locale.ROOT, "%s", value);
    }
}
