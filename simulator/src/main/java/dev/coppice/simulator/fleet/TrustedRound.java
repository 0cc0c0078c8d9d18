package dev.coppice.simulator.fleet;

import static java.util.Comparator.comparing;
import static java.util.Comparator.comparingInt;

import com.google.protobuf.ByteString;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.agent.upload.Step;
import dev.coppice.aggregator.store.AbortReason;
import dev.coppice.aggregator.store.StoredRound;
import dev.coppice.aggregator.store.StoredTask;
import dev.coppice.crypto.privacy.CohortBounds;
import dev.coppice.crypto.privacy.EncodingParameters;
import dev.coppice.crypto.privacy.SumDecoder;
import dev.coppice.protocol.round.RoundTerms;
import dev.coppice.simulator.extension.Extensions;
import dev.coppice.simulator.extension.UpdateMerge;
import dev.coppice.simulator.extension.UpdateMerge.Part;
import dev.coppice.simulator.fleet.Slice.Seat;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A round whose updates are summed in the clear: {@link Privacy#TRUST_SUM} and {@link Privacy#OFF}. Devices do all that they do
 * in a real one but mask; who is in the cohort and in the sum is decided by the same times and fates. <b>Not secure.</b>
 */
final class TrustedRound implements Played {
    private final RoundContext context;
    private final FleetState state;
    private final RoundTerms terms;
    private final EncodingParameters encoding;
    private final AdapterWeights candidate;
    private final UpdateMerge merge;
    private final Tally tally;
    private final List<Guest> guests;
    private final RoundServer server;
    private final Instant opened;

    TrustedRound(RoundContext context, FleetState state, int number) throws IOException {
        this.context = context;
        this.state = state;
        opened = state.now();
        guests = context.guests().of(number, opened);
        tally = new Tally(guests);
        server = new RoundServer(state.task(), state.past(), context.blobs(), context.keys(), () -> opened);
        server.tick();
        terms = RoundServer.terms(server.round(), context.keys()).terms();
        encoding = EncodingParameters.of(terms.getEncoding());
        candidate = RoundServer.candidate(context, terms);
        merge = Extensions.named(
                UpdateMerge.class, "merge", context.settings().merge().name());
    }

    /** Who is in the cohort, and by when the phases are over. */
    private record Course(List<Guest> members, Set<Integer> counted, List<RoundRecord.PhaseEnd> phases, Instant end) {}

    @Override
    public Ended play() throws IOException, InterruptedException {
        context.observer().roundBegan(terms.getNumber(), guests.size());
        Course course = course();
        CohortBounds bounds = CohortBounds.of(terms.getCohort());
        Optional<AbortReason> hopeless = course.members().size() < bounds.sizeMin()
                ? Optional.of(AbortReason.TOO_FEW_DEVICES)
                : course.counted().size() < bounds.survivorsMin(course.members().size())
                        ? Optional.of(AbortReason.TOO_FEW_MASKED)
                        : Optional.empty();
        Crafted crafted = Crafted.make(context, state, course.members(), terms, candidate);
        Portion played = new Players(context).play(slice(course, crafted));
        played.turns().forEach(this::keep);
        Sums sums = played.sums();
        StoredRound round = server.round();
        StoredTask task = server.task();
        Optional<StoredTask> next = hopeless.isPresent() || sums.devices() == 0 ? Optional.empty() : merged(task, sums);
        StoredRound over = next.isPresent()
                ? round.completed(new StoredRound.Result(next.get().candidateSha256(), sums.devices(), "0".repeat(64)))
                : round.aborted(hopeless.orElse(AbortReason.SUM_IMPLAUSIBLE));
        if (next.isEmpty()) {
            course.members()
                    .forEach(guest -> tally.tell(
                            guest.device(), tally.part(guest.device()).inSum(false)));
        }
        return new Ended(
                next.orElse(task), over.withSurvivors(ByteString.EMPTY), course.end(), guests, tally, course.phases());
    }

    /** By the devices' speeds, networks and fates alone. */
    private Course course() {
        Duration advertise = seconds("advertise");
        List<Arrival> arrivals = new ArrayList<>();
        for (Guest guest : guests) {
            if (guest.isGoneBefore(Step.TRAIN)) {
                tally.tell(guest.device(), gone(Step.TRAIN, false));
            } else if (guest.isGoneBefore(Step.ADVERTISE)) {
                tally.tell(guest.device(), gone(Step.ADVERTISE, false));
            } else {
                Duration ready = guest.ready(terms.getTraining().getLocalSteps());
                if (ready.compareTo(advertise) <= 0) {
                    arrivals.add(new Arrival(guest, ready));
                }
            }
        }
        arrivals.sort(comparing(Arrival::at)
                .thenComparingInt(arrival -> arrival.guest().device()));
        int most = terms.getCohort().getSizeMax();
        boolean isFull = arrivals.size() >= most;
        List<Arrival> in = arrivals.subList(0, Math.min(most, arrivals.size()));
        List<Guest> members = in.stream()
                .map(Arrival::guest)
                .sorted(comparingInt(Guest::device))
                .toList();
        Duration closed = isFull ? in.getLast().at() : advertise;
        List<RoundRecord.PhaseEnd> phases = new ArrayList<>();
        phases.add(new RoundRecord.PhaseEnd("advertising", closed.toMillis() / 1e3, members.size()));
        List<Guest> still = members;
        Set<Integer> counted = Set.of();
        Duration at = closed;
        for (Step step : List.of(Step.SHARES, Step.MASKED_INPUT, Step.ATTEST, Step.UNMASK)) {
            Duration limit = seconds(phaseOf(step));
            List<Guest> took = still.stream()
                    .filter(guest ->
                            !guest.isGoneBefore(step) && guest.pauseBefore(step).compareTo(limit) <= 0)
                    .toList();
            Duration slowest = took.stream()
                    .map(guest ->
                            guest.pauseBefore(step).plus(guest.down(4_000)).plus(guest.up(20_000)))
                    .max(Duration::compareTo)
                    .orElse(Duration.ZERO);
            at = at.plus(took.size() < still.size() ? limit : slowest);
            still = took;
            if (step == Step.MASKED_INPUT) {
                counted = took.stream().map(Guest::device).collect(Collectors.toSet());
            }
            phases.add(new RoundRecord.PhaseEnd(nameOf(step), at.toMillis() / 1e3, took.size()));
        }
        return new Course(members, counted, phases, opened.plus(at));
    }

    private record Arrival(Guest guest, Duration at) {}

    private static String phaseOf(Step step) {
        return switch (step) {
            case CHECK_IN, TRAIN, ADVERTISE -> "advertise";
            case SHARES -> "shares";
            case MASKED_INPUT -> "masked";
            case ATTEST, UNMASK -> "unmask";
        };
    }

    private static String nameOf(Step step) {
        return switch (step) {
            case CHECK_IN, TRAIN, ADVERTISE -> "advertising";
            case SHARES -> "sharing";
            case MASKED_INPUT -> "masking";
            case ATTEST -> "attesting";
            case UNMASK -> "unmasking";
        };
    }

    private Duration seconds(String phase) {
        return Duration.ofSeconds(
                context.settings().task().path("phaseSeconds").path(phase).asInt());
    }

    private static Tally.Part gone(Step step, boolean member) {
        Tally.Part absent = Tally.Part.ABSENT;
        return new Tally.Part(
                absent.refused(),
                Optional.of(step),
                member,
                false,
                0,
                absent.loss(),
                absent.ready(),
                0,
                0,
                absent.spent());
    }

    /** What is to be played, by the devices' numbers. */
    private Slice slice(Course course, Crafted crafted) throws IOException {
        int[] groupOf = groups(course.members().size());
        List<Seat> seats = new ArrayList<>();
        for (int place = 0; place < groupOf.length; place++) {
            Guest guest = course.members().get(place);
            int device = guest.device();
            seats.add(new Seat(
                    device,
                    place,
                    groupOf[place],
                    course.counted().contains(device),
                    ByteString.copyFrom(state.bytes(device)),
                    crafted.of(guest)));
        }
        ByteString candidate = ByteString.copyFrom(context.blobs().read(terms.getCandidateSha256()));
        return new Slice(terms.getNumber(), server.round().terms(), candidate, opened, seats);
    }

    /** The group of each member: drawn. */
    private int[] groups(int members) {
        int size = terms.getCohort().getGroupSize();
        int count = size == 0 ? 1 : Math.max(1, members / size);
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < members; i++) {
            order.add(i);
        }
        Collections.shuffle(order, Random.from(context.guests().draws("round/" + terms.getNumber() + "/groups")));
        int[] groupOf = new int[members];
        for (int i = 0; i < members; i++) {
            groupOf[order.get(i)] = i % count;
        }
        return groupOf;
    }

    private void keep(Portion.Turn turn) {
        tally.tell(turn.device(), turn.part());
        state.keep(turn.device(), turn.record().toByteArray());
    }

    private Optional<StoredTask> merged(StoredTask task, Sums sums) throws IOException {
        return context.settings().privacy() == Privacy.OFF ? mergedPlain(task, sums) : mergedGroups(task, sums);
    }

    private Optional<StoredTask> mergedPlain(StoredTask task, Sums sums) throws IOException {
        List<Part> parts = merge.isMean()
                ? List.of(new Part(sums.plain().mean(), sums.plain().devices()))
                : sums.each().values().stream().map(one -> new Part(one, 1)).toList();
        return applied(task, parts, OptionalDouble.empty());
    }

    private Optional<StoredTask> mergedGroups(StoredTask task, Sums sums) throws IOException {
        SumDecoder decoder = new SumDecoder(encoding);
        List<RingSum> plausible = sums.groups().values().stream()
                .filter(sum -> decoder.isPlausible(sum.values(), sum.devices()))
                .toList();
        if (plausible.isEmpty()) {
            return Optional.empty();
        }
        double within = 0;
        int devices = 0;
        List<Part> parts = new ArrayList<>();
        for (RingSum sum : plausible) {
            float[] decoded = decoder.decode(sum.values());
            for (int i = 0; i < decoded.length && !merge.isMean(); i++) {
                decoded[i] /= sum.devices();
            }
            parts.add(new Part(decoded, sum.devices()));
            devices += sum.devices();
            within += encoding.hasIndicator()
                    ? sum.devices() * decoder.partWithinClipNorm(sum.values(), sum.devices())
                    : 0;
        }
        OptionalDouble part = encoding.hasIndicator() ? OptionalDouble.of(within / devices) : OptionalDouble.empty();
        return merge.isMean()
                ? new ServerStep(context.blobs()).after(task, terms, candidate, mean(parts, devices), part)
                : applied(task, parts, part);
    }

    /** As the aggregator reckons, so that nothing differs in the last bit. */
    private static float[] mean(List<Part> sums, int devices) {
        double[] total = new double[sums.getFirst().mean().length];
        for (Part sum : sums) {
            for (int i = 0; i < total.length; i++) {
                total[i] += sum.mean()[i];
            }
        }
        float[] mean = new float[total.length];
        for (int i = 0; i < mean.length; i++) {
            mean[i] = (float) (total[i] / devices);
        }
        return mean;
    }

    private Optional<StoredTask> applied(StoredTask task, List<Part> parts, OptionalDouble within) throws IOException {
        float[] update = merge.merge(parts, context.settings().merge().parameters());
        return new ServerStep(context.blobs()).after(task, terms, candidate, update, within);
    }
}
