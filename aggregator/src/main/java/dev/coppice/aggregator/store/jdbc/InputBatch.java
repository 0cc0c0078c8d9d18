package dev.coppice.aggregator.store.jdbc;

import com.google.protobuf.ByteString;
import dev.coppice.aggregator.store.LedgerStore.Part;
import dev.coppice.aggregator.store.SentBytes;
import dev.coppice.aggregator.store.Step;
import dev.coppice.aggregator.store.StoredRound;
import dev.coppice.aggregator.store.Taken;
import dev.coppice.aggregator.store.folder.InputFolder;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Takes masked inputs of a round together, within the caller's transaction. */
final class InputBatch {
    static final String STEPS_OF_DEVICES =
            "select device_id, name, sha256 from step where round_id = ? and device_id = any(?)";

    private InputBatch() {}

    /**
     * What a device offers.
     *
     * @param deviceMax devices that inputs are taken from at most
     */
    record Offer(String deviceId, SentBytes input, int deviceMax, Part part) {}

    /**
     * Locks the round's row first: while this goes on, the phase cannot change. What is taken is on the disk before a row names it.
     *
     * @param files where inputs go; into the rows themselves if there is none
     * @return what became of each
     */
    static List<Taken> take(Connection connection, Optional<InputFolder> files, String roundId, List<Offer> offers)
            throws SQLException {
        Optional<StoredRound> found = RoundTable.locked(connection, roundId);
        if (found.isEmpty()) {
            return offers.stream().map(offer -> Taken.NO_SUCH_ROUND).toList();
        }
        StoredRound round = found.get();
        Map<String, Map<Step, String>> known = stepsOf(connection, roundId, offers);
        List<Taken> verdicts = new ArrayList<>();
        List<Offer> taken = new ArrayList<>();
        for (Offer offer : offers) {
            Map<Step, String> steps = known.computeIfAbsent(offer.deviceId(), device -> new EnumMap<>(Step.class));
            String sha256 = offer.input().sha256();
            Taken verdict = RoundTable.verdict(round, Step.MASKED, steps, sha256, offer.deviceMax());
            if (verdict == Taken.TAKEN) {
                taken.add(offer);
                steps.put(Step.MASKED, sha256);
                round = round.with(round.tally().plusOne(Step.MASKED));
            }
            verdicts.add(verdict);
        }
        if (!taken.isEmpty()) {
            add(connection, files, roundId, taken);
        }
        return verdicts;
    }

    private static Map<String, Map<Step, String>> stepsOf(Connection connection, String roundId, List<Offer> offers)
            throws SQLException {
        Map<String, Map<Step, String>> steps = new HashMap<>();
        String[] devices = offers.stream().map(Offer::deviceId).distinct().toArray(String[]::new);
        Sql.each(
                connection,
                row -> steps.computeIfAbsent(row.getString(1), device -> new EnumMap<>(Step.class))
                        .put(Step.valueOf(row.getString(2)), row.getString(3)),
                STEPS_OF_DEVICES,
                roundId,
                devices);
        return steps;
    }

    private static void add(Connection connection, Optional<InputFolder> files, String roundId, List<Offer> taken)
            throws SQLException {
        List<Object[]> steps = new ArrayList<>();
        if (files.isPresent()) {
            List<ByteString> inputs =
                    taken.stream().map(offer -> offer.input().bytes()).toList();
            List<Long> places = files.get().append(roundId, inputs);
            for (int i = 0; i < taken.size(); i++) {
                steps.add(step(roundId, taken.get(i), places.get(i)));
            }
        } else {
            taken.forEach(offer -> steps.add(step(roundId, offer, offer.input().bytes())));
        }
        String where = files.isPresent() ? "place" : "message";
        Sql.batch(
                connection,
                "insert into step (round_id, name, device_id, sha256, " + where + ") values (?, ?, ?, ?, ?)",
                steps);
        Sql.batch(
                connection,
                "insert into part (device_id, round_id, taken, noise_multiplier) values (?, ?, ?, ?)",
                taken.stream().map(offer -> part(offer)).toList());
        Sql.update(connection, "update round set masked = masked + ? where id = ?", taken.size(), roundId);
    }

    private static Object[] step(String roundId, Offer offer, Object content) {
        return new Object[] {
            roundId, Step.MASKED, offer.deviceId(), offer.input().sha256(), content
        };
    }

    private static Object[] part(Offer offer) {
        Part part = offer.part();
        return new Object[] {offer.deviceId(), part.roundId(), part.taken().toEpochMilli(), part.noiseMultiplier()};
    }
}
