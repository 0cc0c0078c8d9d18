package dev.coppice.aggregator.store.memory;

import com.google.protobuf.ByteString;
import dev.coppice.aggregator.store.Phase;
import dev.coppice.aggregator.store.SentBytes;
import dev.coppice.aggregator.store.Step;
import dev.coppice.aggregator.store.Store;
import dev.coppice.aggregator.store.StoredRound;
import dev.coppice.aggregator.store.StoredTask;
import dev.coppice.aggregator.store.Taken;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Everything in maps under one lock. Forgets all when the process ends. */
public final class MemoryStore implements Store {
    private record Place(String roundId, Step step) {}

    private record AnswerKey(String actor, String keySha256) {}

    private record Lease(String owner, Instant until) {}

    private record Nonce(String deviceId, ByteString nonce) {}

    private final Map<String, StoredTask> tasks = new LinkedHashMap<>();
    private final Map<String, StoredRound> rounds = new LinkedHashMap<>();
    private final Map<Place, SortedMap<String, ByteString>> messages = new HashMap<>();
    /** Of rounds that are not over: to whom, and when. */
    private final Map<String, Map<String, Instant>> offers = new HashMap<>();

    private final Map<String, SeenDevice> seen = new TreeMap<>();
    private final Map<AnswerKey, StoredAnswer> answers = new HashMap<>();
    private final Map<String, List<Part>> parts = new HashMap<>();
    private final Map<Place, SortedMap<String, String>> logged = new HashMap<>();
    private final Map<String, List<InputSum>> sums = new HashMap<>();
    private final List<RoundEvent> untold = new ArrayList<>();
    private final SortedSet<ProvenFault> faults = new TreeSet<>(Comparator.comparing(ProvenFault::deviceId)
            .thenComparing(ProvenFault::roundId)
            .thenComparing(ProvenFault::kind)
            .thenComparing(ProvenFault::other));
    private final Map<String, Token> tokens = new HashMap<>();
    private final Map<String, Device> devices = new HashMap<>();
    private final Map<Nonce, Instant> nonces = new HashMap<>();
    private final Map<String, SortedMap<Long, ByteString>> metadata = new HashMap<>();
    private final List<String> log = new ArrayList<>();
    private final List<AuditEntry> audit = new ArrayList<>();
    private final Map<String, Lease> leases = new HashMap<>();
    private final Map<String, StoredRollouts> rollouts = new HashMap<>();
    private final Map<String, StoredHalt> halts = new HashMap<>();

    @Override
    public synchronized void addTask(StoredTask task) {
        if (tasks.putIfAbsent(task.id(), task) != null) {
            throw new IllegalStateException("Two tasks of one id");
        }
    }

    @Override
    public synchronized Optional<StoredTask> findTask(String taskId) {
        return Optional.ofNullable(tasks.get(taskId));
    }

    @Override
    public synchronized List<StoredTask> tasks(String olderThan, int max) {
        List<StoredTask> all = tasks();
        int from = 0;
        while (!olderThan.isEmpty() && from < all.size() && !all.get(from).id().equals(olderThan)) {
            from++;
        }
        return all.stream().skip(olderThan.isEmpty() ? 0 : from + 1L).limit(max).toList();
    }

    @Override
    public synchronized boolean addAnswer(StoredAnswer answer) {
        return answers.putIfAbsent(new AnswerKey(answer.actor(), answer.keySha256()), answer) == null;
    }

    @Override
    public synchronized Optional<StoredAnswer> findAnswer(String actor, String keySha256) {
        return Optional.ofNullable(answers.get(new AnswerKey(actor, keySha256)));
    }

    @Override
    public synchronized boolean replaceAnswer(StoredAnswer seen, StoredAnswer next) {
        AnswerKey key = new AnswerKey(seen.actor(), seen.keySha256());
        StoredAnswer now = answers.get(key);
        if (now == null || !now.at().equals(seen.at()) || now.status() != seen.status()) {
            return false;
        }
        answers.put(key, next);
        return true;
    }

    @Override
    public synchronized void forgetAnswer(String actor, String keySha256) {
        answers.remove(new AnswerKey(actor, keySha256));
    }

    @Override
    public synchronized void forgetAnswers(Instant before) {
        answers.values().removeIf(answer -> answer.at().isBefore(before));
    }

    @Override
    public synchronized List<StoredTask> unfinishedTasks() {
        return tasks.values().stream().filter(task -> !task.state().isOver()).toList();
    }

    @Override
    public synchronized boolean replaceTask(StoredTask seen, StoredTask next) {
        if (!isCurrent(seen)) {
            return false;
        }
        tasks.put(next.id(), next);
        return true;
    }

    @Override
    public synchronized Optional<StoredRound> findRound(String roundId) {
        return Optional.ofNullable(rounds.get(roundId));
    }

    @Override
    public synchronized List<StoredRound> rounds(String taskId) {
        return rounds.values().stream()
                .filter(round -> round.taskId().equals(taskId))
                .sorted(Comparator.comparingInt(StoredRound::number))
                .toList();
    }

    @Override
    public synchronized List<StoredRound> openRounds() {
        return rounds.values().stream().filter(round -> !round.phase().isOver()).toList();
    }

    @Override
    public synchronized boolean open(StoredRound round, int openMax) {
        List<StoredRound> others = rounds(round.taskId());
        boolean taken = others.stream().anyMatch(other -> other.number() == round.number());
        long open = others.stream().filter(other -> !other.phase().isOver()).count();
        if (taken || open >= openMax || rounds.putIfAbsent(round.id(), round) != null) {
            return false;
        }
        happened(round);
        return true;
    }

    @Override
    public synchronized boolean offer(String roundId, String deviceId, Instant now, Instant since, int outstandingMax) {
        Map<String, Instant> ofRound = offers.computeIfAbsent(roundId, round -> new HashMap<>());
        Instant before = ofRound.getOrDefault(deviceId, Instant.MIN);
        if (before.isBefore(since) && outstanding(roundId, since) >= outstandingMax) {
            return false;
        }
        ofRound.put(deviceId, now);
        return true;
    }

    @Override
    public synchronized int outstanding(String roundId, Instant since) {
        return (int) offers.getOrDefault(roundId, Map.of()).values().stream()
                .filter(offered -> !offered.isBefore(since))
                .count();
    }

    @Override
    public synchronized boolean saw(SeenDevice device, Instant since) {
        SeenDevice before = seen.put(device.deviceId(), device);
        return before == null || before.seen().isBefore(since);
    }

    @Override
    public synchronized long devicesActive(String population, Instant since) {
        return active(since)
                .filter(device -> device.population().equals(population))
                .count();
    }

    @Override
    public synchronized List<FleetPart> fleet(Instant since) {
        return active(since)
                .collect(Collectors.groupingBy(
                        device -> new FleetPart(device.population(), device.agentVersion(), device.deviceClass(), 0),
                        Collectors.counting()))
                .entrySet()
                .stream()
                .map(part -> new FleetPart(
                        part.getKey().population(),
                        part.getKey().agentVersion(),
                        part.getKey().deviceClass(),
                        part.getValue()))
                .sorted(Comparator.comparing(FleetPart::population)
                        .thenComparingInt(FleetPart::agentVersion)
                        .thenComparing(FleetPart::deviceClass))
                .toList();
    }

    private Stream<SeenDevice> active(Instant since) {
        return seen.values().stream().filter(device -> !device.seen().isBefore(since));
    }

    @Override
    public synchronized Taken take(String roundId, Step step, String deviceId, ByteString message, int deviceMax) {
        StoredRound round = rounds.get(roundId);
        if (round == null) {
            return Taken.NO_SUCH_ROUND;
        }
        ByteString before = of(roundId, step).get(deviceId);
        if (before != null) {
            return round.phase().isOver() || before.equals(message) ? Taken.ALREADY_TAKEN : Taken.DIFFERENT;
        }
        if (step != Step.ADVERTISE && !of(roundId, Step.ADVERTISE).containsKey(deviceId)) {
            return Taken.NOT_A_MEMBER;
        }
        if (!round.phase().takes(step)) {
            return round.phase().isPast(step) ? Taken.TOO_LATE : Taken.TOO_EARLY;
        }
        if (missedOneBefore(roundId, step, deviceId)) {
            return Taken.TOO_LATE;
        }
        if (round.tally().of(step) >= deviceMax) {
            return Taken.FULL;
        }
        of(roundId, step).put(deviceId, message);
        if (step == Step.ADVERTISE) {
            offers.getOrDefault(roundId, new HashMap<>()).remove(deviceId);
        }
        rounds.put(roundId, round.with(round.tally().plusOne(step)));
        return Taken.TAKEN;
    }

    @Override
    public synchronized Taken takeInput(String deviceId, SentBytes input, int deviceMax, Part part) {
        Taken verdict = take(part.roundId(), Step.MASKED, deviceId, input.bytes(), deviceMax);
        if (verdict == Taken.TAKEN) {
            parts.computeIfAbsent(deviceId, id -> new ArrayList<>()).add(part);
        }
        return verdict;
    }

    @Override
    public synchronized Optional<String> findInput(String roundId, String deviceId) {
        return Optional.ofNullable(of(roundId, Step.MASKED).get(deviceId))
                .map(ignored -> logged(roundId).getOrDefault(deviceId, ""));
    }

    @Override
    public synchronized void recordInputs(TakenInputs inputs) {
        if (isIn(inputs.roundId(), Phase.MASKING) || isIn(inputs.roundId(), Phase.COLLECTING)) {
            inputs.sha256ByDevice().forEach((device, sha256) -> record(inputs, device, sha256));
        }
    }

    private boolean isIn(String roundId, Phase phase) {
        StoredRound round = rounds.get(roundId);
        return round != null && round.phase() == phase;
    }

    private void record(TakenInputs inputs, String device, String sha256) {
        if (of(inputs.roundId(), Step.MASKED).putIfAbsent(device, ByteString.EMPTY) == null) {
            logged(inputs.roundId()).put(device, sha256);
            parts.computeIfAbsent(device, id -> new ArrayList<>())
                    .add(new Part(inputs.roundId(), inputs.at(), inputs.noiseMultiplier()));
            rounds.computeIfPresent(
                    inputs.roundId(), (id, round) -> round.with(round.tally().plusOne(Step.MASKED)));
        }
    }

    @Override
    public synchronized boolean putSums(TakenInputs all, List<InputSum> of) {
        if (!isIn(all.roundId(), Phase.COLLECTING)
                || !all.sha256ByDevice()
                        .keySet()
                        .containsAll(of(all.roundId(), Step.MASKED).keySet())) {
            return false;
        }
        all.sha256ByDevice().forEach((device, sha256) -> record(all, device, sha256));
        sums.put(all.roundId(), List.copyOf(of));
        return true;
    }

    @Override
    public synchronized List<InputSum> sums(String roundId) {
        return sums.getOrDefault(roundId, List.of());
    }

    private SortedMap<String, String> logged(String roundId) {
        return logged.computeIfAbsent(new Place(roundId, Step.MASKED), place -> new TreeMap<>());
    }

    @Override
    public synchronized List<RoundEvent> untold(int max) {
        return untold.stream().limit(max).toList();
    }

    @Override
    public synchronized void told(List<RoundEvent> events) {
        untold.removeAll(events);
    }

    private void happened(StoredRound round) {
        untold.add(new RoundEvent(
                round.taskId(),
                round.id(),
                round.number(),
                round.version(),
                round.phase(),
                round.reason(),
                round.tally()));
    }

    @Override
    public synchronized int forgetSteps(Instant endedBefore) {
        int before = entries();
        messages.entrySet().removeIf(entry -> isOld(entry.getKey().roundId(), endedBefore));
        return before - entries();
    }

    private boolean isOld(String roundId, Instant endedBefore) {
        StoredRound round = rounds.get(roundId);
        return round != null && round.phase().isOver() && round.deadline().isBefore(endedBefore);
    }

    private int entries() {
        return messages.values().stream().mapToInt(Map::size).sum();
    }

    @Override
    public synchronized int forgetParts(Instant takenBefore) {
        int before = parts.values().stream().mapToInt(List::size).sum();
        parts.values().forEach(all -> all.removeIf(part -> part.taken().isBefore(takenBefore)));
        return before - parts.values().stream().mapToInt(List::size).sum();
    }

    @Override
    public synchronized boolean forgetDevice(String deviceId) {
        messages.forEach((place, all) -> {
            if (isOld(place.roundId(), Instant.MAX)) {
                all.remove(deviceId);
            }
        });
        parts.remove(deviceId);
        offers.values().forEach(ofRound -> ofRound.remove(deviceId));
        seen.remove(deviceId);
        nonces.keySet().removeIf(nonce -> nonce.deviceId().equals(deviceId));
        faults.removeIf(
                fault -> fault.deviceId().equals(deviceId) || fault.other().equals(deviceId));
        tokens.replaceAll(
                (hash, token) -> token.deviceId().equals(deviceId) ? new Token(token.population(), "deleted") : token);
        return devices.remove(deviceId) != null;
    }

    @Override
    public synchronized List<Part> parts(String deviceId) {
        return parts.getOrDefault(deviceId, List.of()).stream()
                .sorted(Comparator.comparing(Part::taken))
                .toList();
    }

    @Override
    public synchronized void recordFaults(List<ProvenFault> found) {
        faults.addAll(found);
    }

    @Override
    public synchronized boolean isFaulty(String deviceId) {
        return faults.stream().anyMatch(fault -> fault.deviceId().equals(deviceId));
    }

    @Override
    public synchronized List<ProvenFault> faults() {
        return List.copyOf(faults);
    }

    private boolean missedOneBefore(String roundId, Step step, String deviceId) {
        for (Step before : Step.values()) {
            if (before.isForAll()
                    && before.compareTo(step) < 0
                    && !of(roundId, before).containsKey(deviceId)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public synchronized Set<Step> stepsOf(String roundId, String deviceId) {
        Set<Step> steps = EnumSet.noneOf(Step.class);
        for (Step step : Step.values()) {
            if (of(roundId, step).containsKey(deviceId)) {
                steps.add(step);
            }
        }
        return steps;
    }

    @Override
    public synchronized SortedMap<String, ByteString> messages(String roundId, Step step) {
        StoredRound round = rounds.get(roundId);
        return round == null || round.phase().isOver() ? new TreeMap<>() : new TreeMap<>(of(roundId, step));
    }

    @Override
    public synchronized void eachMessage(String roundId, Step step, BiConsumer<String, ByteString> reader) {
        messages(roundId, step).forEach(reader);
    }

    @Override
    public synchronized Set<String> devices(String roundId, Step step) {
        return new TreeSet<>(of(roundId, step).keySet());
    }

    @Override
    public synchronized boolean advance(StoredRound seen, StoredRound next) {
        StoredRound now = rounds.get(seen.id());
        if (now == null || now.version() != seen.version() || !now.tally().equals(seen.tally())) {
            return false;
        }
        put(next);
        return true;
    }

    @Override
    public synchronized boolean complete(
            StoredRound seen, StoredRound completed, StoredTask seenTask, StoredTask mergedTask) {
        if (!isCurrent(seenTask) || !advance(seen, completed)) {
            return false;
        }
        tasks.put(mergedTask.id(), mergedTask);
        return true;
    }

    private void put(StoredRound round) {
        rounds.put(round.id(), round);
        happened(round);
        if (round.phase().isOver()) {
            for (Step step : Step.values()) {
                of(round.id(), step).replaceAll((device, message) -> ByteString.EMPTY);
            }
            sums.remove(round.id());
            offers.remove(round.id());
        }
    }

    private boolean isCurrent(StoredTask seen) {
        StoredTask now = tasks.get(seen.id());
        return now != null && now.version() == seen.version();
    }

    private SortedMap<String, ByteString> of(String roundId, Step step) {
        return messages.computeIfAbsent(new Place(roundId, step), place -> new TreeMap<>());
    }

    @Override
    public synchronized void addTokens(Collection<String> sha256, String population) {
        sha256.forEach(token -> tokens.put(token, new Token(population, "")));
    }

    @Override
    public synchronized Optional<Token> findToken(String sha256) {
        return Optional.ofNullable(tokens.get(sha256));
    }

    @Override
    public synchronized boolean redeem(String sha256, Device device) {
        Token token = tokens.get(sha256);
        boolean known = devices.values().stream()
                .anyMatch(other -> other.signingKey().equals(device.signingKey())
                        || other.id().equals(device.id()));
        if (token == null || !token.deviceId().isEmpty() || known) {
            return false;
        }
        tokens.put(sha256, new Token(token.population(), device.id()));
        devices.put(device.id(), device);
        return true;
    }

    @Override
    public synchronized boolean renew(ByteString before, Device renewed) {
        boolean taken = devices.values().stream()
                .anyMatch(other -> other.signingKey().equals(renewed.signingKey())
                        && !other.id().equals(renewed.id()));
        Device present = devices.get(renewed.id());
        if (taken || present == null || !present.signingKey().equals(before)) {
            return false;
        }
        devices.put(renewed.id(), present.revoked() ? revoked(renewed) : renewed);
        return true;
    }

    @Override
    public synchronized boolean revoke(String deviceId) {
        return devices.computeIfPresent(deviceId, (id, device) -> revoked(device)) != null;
    }

    private static Device revoked(Device device) {
        return new Device(device.id(), device.signingKey(), device.population(), device.certificate(), true);
    }

    @Override
    public synchronized Optional<Device> findDevice(String deviceId) {
        return Optional.ofNullable(devices.get(deviceId));
    }

    @Override
    public synchronized boolean useNonce(String deviceId, ByteString nonce, Instant sent) {
        return nonces.putIfAbsent(new Nonce(deviceId, nonce), sent) == null;
    }

    @Override
    public synchronized void forgetNonces(Instant sentBefore) {
        nonces.values().removeIf(sent -> sent.isBefore(sentBefore));
    }

    @Override
    public synchronized boolean addMetadata(List<Metadata> files) {
        if (files.stream().anyMatch(file -> versions(file.role()).containsKey(file.version()))) {
            return false;
        }
        files.forEach(file -> versions(file.role()).put(file.version(), file.file()));
        return true;
    }

    @Override
    public synchronized Optional<ByteString> findMetadata(String role, long version) {
        return Optional.ofNullable(versions(role).get(version));
    }

    @Override
    public synchronized Map<String, ByteString> latestMetadata() {
        Map<String, ByteString> latest = new HashMap<>();
        metadata.forEach((role, versions) -> {
            if (!versions.isEmpty()) {
                latest.put(role, versions.sequencedValues().getLast());
            }
        });
        return latest;
    }

    @Override
    public synchronized boolean addLogEntry(long position, String entry) {
        if (position != log.size()) {
            return false;
        }
        log.add(entry);
        return true;
    }

    @Override
    public synchronized List<String> logEntries(long from) {
        return List.copyOf(log.subList((int) Math.min(from, log.size()), log.size()));
    }

    @Override
    public synchronized Optional<StoredRollouts> findRollouts(String skill) {
        return Optional.ofNullable(rollouts.get(skill));
    }

    @Override
    public synchronized boolean replaceRollouts(String skill, long seen, StoredRollouts next) {
        long present = findRollouts(skill).map(StoredRollouts::sequence).orElse(0L);
        if (present != seen) {
            return false;
        }
        rollouts.put(skill, next);
        return true;
    }

    @Override
    public synchronized List<String> rolloutSkills() {
        return rollouts.keySet().stream().sorted().toList();
    }

    private SortedMap<Long, ByteString> versions(String role) {
        return metadata.computeIfAbsent(role, name -> new TreeMap<>());
    }

    @Override
    public synchronized boolean claim(String name, String owner, Instant now, Instant until) {
        Lease held = leases.get(name);
        if (held != null && !held.owner().equals(owner) && held.until().isAfter(now)) {
            return false;
        }
        leases.put(name, new Lease(owner, until));
        return true;
    }

    @Override
    public synchronized boolean addAudit(AuditEntry entry) {
        return entry.position() == audit.size() && audit.add(entry);
    }

    @Override
    public synchronized Optional<AuditEntry> findLastAudit() {
        return audit.isEmpty() ? Optional.empty() : Optional.of(audit.getLast());
    }

    @Override
    public synchronized List<AuditEntry> audit(long from, int max) {
        return audit.stream().skip(from).limit(max).toList();
    }

    @Override
    public synchronized List<StoredTask> tasks() {
        return new ArrayList<>(tasks.values()).reversed();
    }

    @Override
    public synchronized SortedMap<String, Long> devicesByPopulation() {
        SortedMap<String, Long> counts = new TreeMap<>();
        devices.values().forEach(device -> counts.merge(device.population(), 1L, Long::sum));
        return counts;
    }

    @Override
    public synchronized long devicesSeen(Instant since) {
        return nonces.entrySet().stream()
                .filter(entry -> !entry.getValue().isBefore(since))
                .map(entry -> entry.getKey().deviceId())
                .distinct()
                .count();
    }

    @Override
    public synchronized void release(String owner) {
        leases.values().removeIf(lease -> lease.owner().equals(owner));
    }

    @Override
    public synchronized Optional<StoredHalt> findHalt(String population) {
        return Optional.ofNullable(halts.get(population));
    }

    @Override
    public synchronized boolean putHalt(StoredHalt next) {
        long present = findHalt(next.population()).map(StoredHalt::sequence).orElse(0L);
        if (next.sequence() != present + 1) {
            return false;
        }
        halts.put(next.population(), next);
        return true;
    }
}
