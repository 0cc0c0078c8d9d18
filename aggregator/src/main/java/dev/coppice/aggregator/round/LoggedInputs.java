package dev.coppice.aggregator.round;

import com.google.protobuf.ByteString;
import dev.coppice.aggregator.store.InputLog;
import dev.coppice.aggregator.store.InputLog.Partial;
import dev.coppice.aggregator.store.InputLog.Shard;
import dev.coppice.aggregator.store.InputStore.InputSum;
import dev.coppice.aggregator.store.InputStore.TakenInputs;
import dev.coppice.aggregator.store.LedgerStore.Part;
import dev.coppice.aggregator.store.Phase;
import dev.coppice.aggregator.store.SentBytes;
import dev.coppice.aggregator.store.Store;
import dev.coppice.aggregator.store.StoredRound;
import dev.coppice.aggregator.store.Taken;
import dev.coppice.crypto.masking.Cohort;
import dev.coppice.crypto.masking.MaskedSum;
import dev.coppice.crypto.masking.VerifiedTerms;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Masked inputs in a log. The log decides who counts; the store hears of it in batches, and learns the rest when the round
 * collects its sums.
 */
public final class LoggedInputs implements Inputs {
    private final InputLog log;
    private final Store store;
    private final RoundFacts facts;
    private final InstantSource clock;
    private final Map<Sender, Fresh> fresh = new ConcurrentHashMap<>();

    private record Sender(String roundId, String deviceId) {}

    private record Fresh(String sha256, Part part) {}

    /**
     * Inputs in a log.
     *
     * @param log stays the caller's to close
     */
    public LoggedInputs(InputLog log, Store store, RoundFacts facts, InstantSource clock) {
        this.log = log;
        this.store = store;
        this.facts = facts;
        this.clock = clock;
    }

    @Override
    public Taken take(String deviceId, SentBytes input, int deviceMax, Part part) throws RoundGoneException {
        String sha256 = input.sha256();
        Optional<String> before = find(new Sender(part.roundId(), deviceId));
        if (before.isPresent()) {
            return before.get().equals(sha256) ? Taken.ALREADY_TAKEN : Taken.DIFFERENT;
        }
        StoredRound round = store.findRound(part.roundId()).orElseThrow();
        if (round.phase() != Phase.MASKING) {
            return round.phase().compareTo(Phase.MASKING) < 0 ? Taken.TOO_EARLY : Taken.TOO_LATE;
        }
        VerifiedTerms terms = facts.terms(round);
        Shard shard = Shards.of(facts.cohort(round)).shard(round.id(), facts.cohort(round), deviceId);
        log.append(new InputLog.Input(shard, deviceId, terms.bits(), terms.paddedDimension(), input.bytes()));
        // Shards are closed only after the round is stored as COLLECTING: if it is not, what was appended is before
        // that.
        if (store.findRound(round.id()).orElseThrow().phase() != Phase.MASKING) {
            return Taken.UNDECIDED;
        }
        fresh.putIfAbsent(new Sender(round.id(), deviceId), new Fresh(sha256, part));
        return Taken.TAKEN;
    }

    /** One that another process took is found once it is recorded; until then, what comes after it is taken and does not count. */
    private Optional<String> find(Sender sender) {
        Fresh here = fresh.get(sender);
        return here == null ? store.findInput(sender.roundId(), sender.deviceId()) : Optional.of(here.sha256());
    }

    @Override
    public boolean areCollected() {
        return true;
    }

    @Override
    public Collected collect(StoredRound round) throws RoundGoneException {
        Cohort cohort = facts.cohort(round);
        Shards shards = Shards.of(cohort);
        Optional<List<Partial>> partials = log.collect(round.id(), shards.count());
        if (partials.isEmpty()) {
            return Collected.NOT_YET;
        }
        Map<String, String> all = new HashMap<>();
        Map<Integer, MaskedSum> sums = new HashMap<>();
        for (Partial partial : partials.get()) {
            if (!partial.sha256ByDevice().isEmpty()) {
                all.putAll(partial.sha256ByDevice());
                sums.merge(shards.group(partial.shard()), sum(partial), LoggedInputs::added);
            }
        }
        double noise = facts.terms(round).terms().getPrivacy().getNoiseMultiplier();
        TakenInputs taken = new TakenInputs(round.id(), all, clock.instant().truncatedTo(ChronoUnit.MILLIS), noise);
        List<InputSum> stored = sums.entrySet().stream()
                .map(entry -> stored(entry.getKey(), entry.getValue()))
                .toList();
        return store.putSums(taken, stored) ? Collected.ALL : Collected.LOST;
    }

    private static MaskedSum sum(Partial partial) {
        return MaskedSum.of(
                partial.shard().roundId(),
                partial.bits(),
                partial.values().asReadOnlyByteBuffer(),
                partial.sha256ByDevice().size());
    }

    private static MaskedSum added(MaskedSum to, MaskedSum more) {
        to.add(more);
        return to;
    }

    private static InputSum stored(int group, MaskedSum sum) {
        return new InputSum(group, sum.count(), sum.bits(), ByteString.copyFrom(sum.toBytes()));
    }

    @Override
    public List<MaskedSum> sums(StoredRound round, Cohort cohort, BitSet counted) throws RoundGoneException {
        List<MaskedSum> sums = new ArrayList<>();
        for (int group = 0; group < cohort.groups(); group++) {
            sums.add(new MaskedSum(facts.terms(round)));
        }
        for (InputSum sum : store.sums(round.id())) {
            if (!cohort.inGroup(sum.group(), counted).isEmpty()) {
                sums.set(
                        sum.group(),
                        MaskedSum.of(round.id(), sum.bits(), sum.values().asReadOnlyByteBuffer(), sum.devices()));
            }
        }
        if (sums.stream().mapToInt(MaskedSum::count).sum() != counted.cardinality()) {
            throw new RoundGoneException(round.id());
        }
        return sums;
    }

    /** What cannot be recorded now is recorded later; what never is comes to light when the round collects. */
    @Override
    public void tick(Set<String> openRounds) {
        log.keepOnly(openRounds);
        Map<Sender, Fresh> batch = Map.copyOf(fresh);
        byRound(batch).forEach(store::recordInputs);
        fresh.keySet().removeAll(batch.keySet());
    }

    /** When they came is known to a tick. */
    private static List<TakenInputs> byRound(Map<Sender, Fresh> batch) {
        Map<String, Map<Sender, Fresh>> byRound = new HashMap<>();
        batch.forEach((sender, input) ->
                byRound.computeIfAbsent(sender.roundId(), id -> new HashMap<>()).put(sender, input));
        List<TakenInputs> all = new ArrayList<>();
        byRound.forEach((round, inputs) -> {
            Map<String, String> hashes = new HashMap<>();
            inputs.forEach((sender, input) -> hashes.put(sender.deviceId(), input.sha256()));
            Part any = inputs.values().iterator().next().part();
            all.add(new TakenInputs(round, hashes, any.taken(), any.noiseMultiplier()));
        });
        return all;
    }
}
