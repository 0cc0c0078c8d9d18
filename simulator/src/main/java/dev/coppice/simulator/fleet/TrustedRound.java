package dev.coppice.simulator.fleet;

import static java.util.Comparator.comparing;
import static java.util.Comparator.comparingInt;

import com.google.protobuf.ByteString;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.agent.checkin.StayOutException;
import dev.coppice.agent.store.LedgerRefusedException;
import dev.coppice.agent.upload.Step;
import dev.coppice.aggregator.store.AbortReason;
import dev.coppice.aggregator.store.StoredRound;
import dev.coppice.aggregator.store.StoredTask;
import dev.coppice.crypto.masking.VerifiedTerms;
import dev.coppice.crypto.privacy.CohortBounds;
import dev.coppice.crypto.privacy.EncodingParameters;
import dev.coppice.crypto.privacy.SumDecoder;
import dev.coppice.crypto.privacy.UpdateEncoder;
import dev.coppice.protocol.round.RoundTerms;
import dev.coppice.simulator.extension.Extensions;
import dev.coppice.simulator.extension.UpdateMerge;
import dev.coppice.simulator.extension.UpdateMerge.Part;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
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
    private final VerifiedTerms verified;
    private final EncodingParameters encoding;
    private final AdapterWeights candidate;
    private final UpdateMerge merge;
    private final boolean isOff;
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
        verified = RoundServer.terms(server.round(), context.keys());
        terms = verified.terms();
        encoding = EncodingParameters.of(terms.getEncoding());
        candidate = RoundServer.candidate(context, terms);
        merge = Extensions.named(
                UpdateMerge.class, "merge", context.settings().merge().name());
        isOff = context.settings().privacy() == Privacy.OFF;
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
        Sums sums = new Sums(course.members());
        context.workers().each(course.members().size(), i -> {
            take(course, i, crafted, sums);
            context.observer().deviceDone();
        });
        StoredRound round = server.round();
        StoredTask task = server.task();
        Optional<StoredTask> next = hopeless.isPresent() || sums.devices() == 0 ? Optional.empty() : sums.merged(task);
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
            if (isGoneBefore(guest, Step.TRAIN)) {
                tally.tell(guest.device(), gone(Step.TRAIN, false));
            } else if (isGoneBefore(guest, Step.ADVERTISE)) {
                tally.tell(guest.device(), gone(Step.ADVERTISE, false));
            } else {
                Duration ready = ready(guest);
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
                    .filter(guest -> !isGoneBefore(guest, step)
                            && pauseBefore(guest, step).compareTo(limit) <= 0)
                    .toList();
            Duration slowest = took.stream()
                    .map(guest ->
                            pauseBefore(guest, step).plus(guest.down(4_000)).plus(guest.up(20_000)))
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

    private Duration ready(Guest guest) {
        return guest.arrives()
                .plus(pauseBefore(guest, Step.TRAIN))
                .plus(guest.training(terms.getTraining().getLocalSteps()))
                .plus(pauseBefore(guest, Step.ADVERTISE))
                .plus(guest.up(1_000));
    }

    private static boolean isGoneBefore(Guest guest, Step step) {
        return guest.vanishes().filter(at -> at == step).isPresent();
    }

    private static Duration pauseBefore(Guest guest, Step step) {
        return guest.pauses().filter(at -> at == step).map(at -> guest.pause()).orElse(Duration.ZERO);
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

    /** A member's whole part. */
    private void take(Course course, int place, Crafted crafted, Sums sums) throws IOException, InterruptedException {
        Guest guest = course.members().get(place);
        DeviceRecord record = state.record(guest.device());
        boolean counted = course.counted().contains(guest.device());
        try (DeviceTurn turn = new DeviceTurn(context, guest, record)) {
            Instant now = opened.plus(guest.skew()).plus(guest.arrives());
            DeviceTurn.Agreed agreed = turn.judge(verified, now);
            DeviceTurn.Trained trained = crafted.of(guest).isPresent()
                    ? crafted.of(guest).get()
                    : turn.train(
                            terms, candidate, context.material().data().training(guest.device(), terms.getNumber()));
            turn.ledger().enter(terms.getRoundId());
            if (counted) {
                turn.ledger().charge(agreed.spending(), context.budget().inAnyPeriod(), now.plus(ready(guest)));
                sums.add(place, guest, trained.update());
            }
            tally.tell(
                    guest.device(),
                    new Tally.Part(
                            Optional.empty(),
                            guest.vanishes(),
                            true,
                            counted,
                            trained.steps(),
                            trained.loss(),
                            ready(guest).minus(guest.arrives()),
                            0,
                            0,
                            turn.ledger().ever()));
        } catch (StayOutException e) {
            tally.tell(guest.device(), RoundServer.refused(e.reason().name()));
        } catch (LedgerRefusedException.OverBudget e) {
            tally.tell(guest.device(), RoundServer.refused("BUDGET_SPENT"));
        } catch (LedgerRefusedException e) {
            tally.tell(guest.device(), RoundServer.refused("ALREADY_ENTERED"));
        }
        state.keep(guest.device(), record);
    }

    /** What the server adds up. */
    private final class Sums {
        private final List<RingSum> groups = new ArrayList<>();
        private final int[] groupOf;
        private final FixedSum plain;
        private final float[][] each;

        /** @param members who have places, from 0 */
        Sums(List<Guest> members) {
            int size = terms.getCohort().getGroupSize();
            int count = size == 0 ? 1 : Math.max(1, members.size() / size);
            for (int i = 0; i < count; i++) {
                groups.add(new RingSum(encoding.paddedDimension()));
            }
            List<Integer> order = new ArrayList<>();
            for (int i = 0; i < members.size(); i++) {
                order.add(i);
            }
            Collections.shuffle(order, Random.from(context.guests().draws("round/" + terms.getNumber() + "/groups")));
            groupOf = new int[members.size()];
            for (int i = 0; i < order.size(); i++) {
                groupOf[order.get(i)] = i % count;
            }
            plain = new FixedSum(encoding.updateDimension());
            each = new float[merge.isMean() || !isOff ? 0 : members.size()][];
        }

        void add(int place, Guest guest, float[] update) {
            if (!isOff) {
                EncodingParameters used = usedBy(guest, update);
                int[] encoded =
                        new UpdateEncoder(used).encode(update, guest.random().fork("noise"));
                groups.get(groupOf[place]).add(encoded);
            } else if (merge.isMean()) {
                plain.add(update);
            } else {
                each[place] = update;
            }
        }

        /** Who does not clip says that the norm of its update is the bound. */
        private EncodingParameters usedBy(Guest guest, float[] update) {
            boolean clips = !guest.malicious() || context.malice().orElseThrow().clips();
            double squares = 0;
            for (float value : update) {
                squares += (double) value * value;
            }
            double norm = Math.sqrt(squares);
            return clips || norm <= encoding.clipNorm()
                    ? encoding
                    : new EncodingParameters(
                            encoding.dimension(),
                            norm,
                            encoding.scale(),
                            encoding.bits(),
                            encoding.rotationSeed(),
                            encoding.noiseSigma(),
                            encoding.indicator());
        }

        int devices() {
            return isOff
                    ? merge.isMean()
                            ? plain.devices()
                            : (int) Arrays.stream(each)
                                    .filter(one -> one != null)
                                    .count()
                    : groups.stream().mapToInt(RingSum::devices).sum();
        }

        Optional<StoredTask> merged(StoredTask task) throws IOException {
            if (isOff) {
                List<Part> parts = merge.isMean()
                        ? List.of(new Part(plain.mean(), plain.devices()))
                        : Arrays.stream(each)
                                .filter(one -> one != null)
                                .map(one -> new Part(one, 1))
                                .toList();
                return applied(task, parts, OptionalDouble.empty());
            }
            SumDecoder decoder = new SumDecoder(encoding);
            List<RingSum> plausible = groups.stream()
                    .filter(sum -> sum.devices() > 0)
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
            OptionalDouble part =
                    encoding.hasIndicator() ? OptionalDouble.of(within / devices) : OptionalDouble.empty();
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

        private Optional<StoredTask> applied(StoredTask task, List<Part> parts, OptionalDouble within)
                throws IOException {
            float[] update = merge.merge(parts, context.settings().merge().parameters());
            return new ServerStep(context.blobs()).after(task, terms, candidate, update, within);
        }
    }
}
