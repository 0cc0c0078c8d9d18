package dev.coppice.simulator.fleet;

import com.google.protobuf.ByteString;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.format.FormatRefusedException;
import dev.coppice.adapters.format.Safetensors;
import dev.coppice.agent.checkin.FrontDesk;
import dev.coppice.agent.checkin.Reason;
import dev.coppice.agent.checkin.StayOutException;
import dev.coppice.agent.store.LedgerRefusedException;
import dev.coppice.agent.upload.Blobs;
import dev.coppice.agent.upload.DeviceGoneException;
import dev.coppice.agent.upload.RoundCalls;
import dev.coppice.agent.upload.RoundOverException;
import dev.coppice.agent.upload.RoundVisit;
import dev.coppice.agent.upload.Sender;
import dev.coppice.agent.upload.ServerRefusedException;
import dev.coppice.agent.upload.Step;
import dev.coppice.agent.upload.Wire;
import dev.coppice.aggregator.enrolment.RequestRefusedException;
import dev.coppice.aggregator.store.AbortReason;
import dev.coppice.aggregator.store.Phase;
import dev.coppice.aggregator.store.StoredRound;
import dev.coppice.crypto.masking.Member;
import dev.coppice.crypto.masking.RoundRefusedException;
import dev.coppice.crypto.masking.VerifiedTerms;
import dev.coppice.protocol.round.CheckInReply;
import dev.coppice.protocol.round.Over;
import dev.coppice.protocol.round.RoundReply;
import dev.coppice.protocol.round.RoundTerms;
import dev.coppice.simulator.fleet.VirtualNetwork.Exchange;
import dev.coppice.simulator.world.VirtualTime;
import dev.coppice.simulator.world.VirtualTime.Actor;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * A round of secure aggregation with its real cryptography: each device is an actor that goes through the agent's own steps, the
 * aggregator's desks answer in virtual time.
 */
final class NetworkRound implements Played, VirtualNetwork.Front {
    private static final Duration PATIENCE = Duration.ofDays(2);
    private static final Duration CRASH_AFTER = Duration.ofMillis(20);
    private static final double PHASES = 6;
    private static final int BLOB_BYTES_MAX = 1 << 28;
    private static final int OK = 200;

    private final RoundContext context;
    private final FleetState state;
    private final List<Guest> guests;
    private final Tally tally;
    private final VirtualTime time;
    private final RoundServer server;
    private final RoundTerms terms;
    private final VerifiedTerms verified;
    private final AdapterWeights candidate;
    private final Instant opened;
    private final SplittableRandom fate;
    private final List<Waiting> waiting = new ArrayList<>();
    private final List<RoundRecord.PhaseEnd> phases = new ArrayList<>();
    private StoredRound seen;
    private boolean isDown;
    private Instant end;
    private final Crafted crafted;

    /** A poll that is held open until the round goes on. */
    private record Waiting(RoundServer.Held poll, Exchange exchange) {}

    NetworkRound(RoundContext context, FleetState state, int number) throws IOException, InterruptedException {
        this.context = context;
        this.state = state;
        opened = state.now();
        end = opened;
        guests = context.guests().of(number, opened);
        tally = new Tally(guests);
        time = new VirtualTime(opened, context.material().workers());
        server = new RoundServer(state.task(), state.past(), context.blobs(), context.keys(), time::now);
        server.tick();
        seen = server.round();
        verified = RoundServer.terms(seen, context.keys());
        terms = verified.terms();
        candidate = RoundServer.candidate(context, terms);
        fate = context.guests().draws("round/" + number + "/server");
        crafted = Crafted.make(context, state, guests, terms, candidate);
    }

    @Override
    public Ended play() throws IOException, InterruptedException {
        context.observer().roundBegan(terms.getNumber(), guests.size());
        for (Guest guest : guests) {
            Member member = context.keys().member(guest.device());
            server.enrol(member);
            member.key().close();
            time.start(guest.device(), opened.plus(guest.arrives()), self -> live(guest, self));
        }
        time.cause(seen.deadline(), this::tick);
        try {
            time.run();
        } catch (IOException | InterruptedException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException("a simulated device broke", e);
        }
        StoredRound round = server.round(terms.getRoundId());
        count(round);
        return new Ended(server.task(), round.withSurvivors(ByteString.EMPTY), end, guests, tally, List.copyOf(phases));
    }

    /** Who was in the sum is known from what the server stored. */
    private void count(StoredRound round) {
        Set<String> members = server.store().devices(round.id(), dev.coppice.aggregator.store.Step.ADVERTISE);
        Set<String> masked = server.store().devices(round.id(), dev.coppice.aggregator.store.Step.MASKED);
        boolean isComplete = round.phase() == Phase.COMPLETED;
        for (Guest guest : guests) {
            Tally.Part part = tally.part(guest.device());
            tally.tell(
                    guest.device(),
                    part.counted(members.contains(guest.deviceId()), isComplete && masked.contains(guest.deviceId())));
        }
    }

    // ---- the server

    @Override
    public void take(String path, byte[] body, Exchange exchange) {
        Instant now = time.now();
        if (isDown) {
            exchange.fail(now);
            return;
        }
        try {
            if (path.endsWith("/poll")) {
                hold(new Waiting(server.poll(path, body), exchange));
            } else {
                exchange.answer(OK, server.post(path, body), now);
            }
        } catch (RequestRefusedException e) {
            exchange.refuse(status(e.kind()), now);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            exchange.fail(now);
        }
        noticePhase();
    }

    @Override
    public byte[] blob(String sha256) throws IOException {
        return server.blob(sha256);
    }

    private void hold(Waiting poll) throws RequestRefusedException, InterruptedException {
        RoundReply reply = poll.poll().ask();
        if (reply.hasWait()) {
            waiting.add(poll);
        } else {
            poll.exchange().answer(OK, reply, time.now());
        }
    }

    /** When the round has gone on, all who wait are answered, and its new deadline is due. */
    private void noticePhase() {
        StoredRound round = server.round(terms.getRoundId());
        if (round.version() == seen.version()) {
            seen = round;
            return;
        }
        phases.add(new RoundRecord.PhaseEnd(
                seen.phase().name().toLowerCase(Locale.ROOT),
                Duration.between(opened, time.now()).toMillis() / 1e3,
                took(round, seen.phase())));
        seen = round;
        end = time.now();
        if (!round.phase().isOver()) {
            time.cause(round.deadline(), this::tick);
            if (fate.nextDouble() < context.settings().faults().crashes() / PHASES) {
                time.cause(time.now().plus(CRASH_AFTER), this::crash);
            }
        }
        List<Waiting> all = new ArrayList<>(waiting);
        waiting.clear();
        all.sort(Comparator.comparingInt(one -> one.exchange().device()));
        for (Waiting one : all) {
            try {
                hold(one);
            } catch (RequestRefusedException e) {
                one.exchange().refuse(status(e.kind()), time.now());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private static int took(StoredRound round, Phase phase) {
        return switch (phase) {
            case ADVERTISING -> round.tally().advertised();
            case OPENING -> round.tally().opened();
            case SHARING -> round.tally().shared();
            case MASKING -> round.tally().masked();
            case ATTESTING -> round.tally().attested();
            case UNMASKING -> round.tally().unmasked();
            case COLLECTING, COMPLETED, ABORTED -> 0;
        };
    }

    /** The deadline of a phase; where nobody can come any more, the end. */
    private void tick() throws IOException {
        StoredRound round = server.round(terms.getRoundId());
        if (round.phase().isOver()) {
            return;
        }
        if (round.phase() == Phase.ADVERTISING && round.tally().advertised() == 0 && time.isQuiet()) {
            server.store().advance(round, round.aborted(AbortReason.TOO_FEW_DEVICES));
        } else if (!isDown) {
            server.tick();
        } else {
            time.cause(time.now().plusSeconds(1), this::tick);
        }
        noticePhase();
    }

    private void crash() {
        if (isDown) {
            return;
        }
        isDown = true;
        List<Waiting> cut = new ArrayList<>(waiting);
        waiting.clear();
        cut.forEach(one -> one.exchange().fail(time.now()));
        long down = (long) (context.settings().faults().downSeconds() * 1000);
        time.cause(time.now().plusMillis(down), () -> {
            server.start();
            isDown = false;
        });
    }

    private static int status(RequestRefusedException.Kind kind) {
        return switch (kind) {
            case MALFORMED -> 400;
            case UNAUTHENTICATED -> 401;
            case FORBIDDEN -> 403;
            case NOT_FOUND -> 404;
            case CONFLICT -> 409;
            case TOO_LARGE -> 413;
            case TOO_MANY -> 429;
        };
    }

    // ---- a device

    /** What is known of a device so far. */
    private static final class Told {
        private Optional<String> refused = Optional.empty();
        private Optional<Step> gone = Optional.empty();
        private int steps;
        private double loss = Double.NaN;
        private Duration ready = Duration.ZERO;
    }

    private void live(Guest guest, Actor self) throws IOException, InterruptedException {
        DeviceRecord record = state.record(guest.device());
        VirtualNetwork network = new VirtualNetwork(
                guest,
                self,
                context.settings().faults(),
                this,
                terms.getTraining().getLocalSteps(),
                guest.random().fork("network").splittable());
        Wire wire = new Wire(network, network);
        Told told = new Told();
        Member member = context.keys().member(guest.device());
        try (DeviceTurn turn = new DeviceTurn(context, guest, record)) {
            attempt(guest, self, network, wire, member, turn, told);
            tally.tell(
                    guest.device(),
                    new Tally.Part(
                            told.refused,
                            told.gone,
                            false,
                            false,
                            told.steps,
                            told.loss,
                            told.ready,
                            wire.bytesUp(),
                            wire.bytesDown(),
                            turn.ledger().ever()));
        } finally {
            member.key().close();
        }
        state.keep(guest.device(), record);
        context.observer().deviceDone();
    }

    private void attempt(
            Guest guest, Actor self, VirtualNetwork network, Wire wire, Member member, DeviceTurn turn, Told told)
            throws InterruptedException {
        InstantSource clock = () -> self.clock().plus(guest.skew());
        Step[] step = {Step.CHECK_IN};
        try {
            FrontDesk desk = new FrontDesk(
                    new FrontDesk.Traits(
                            FleetMaterial.POPULATION,
                            context.material().model().sha256(),
                            FleetMaterial.SKILL,
                            guest.deviceClass().name()),
                    clock,
                    guest.random().fork("desk"));
            int examples = context.material()
                    .data()
                    .training(guest.device(), terms.getNumber())
                    .size();
            CheckInReply reply = desk.checkIn(wire, member, examples);
            if (!reply.hasAssignment()) {
                told.refused = Optional.of("come_back");
                return;
            }
            VerifiedTerms offered = VerifiedTerms.verify(
                    reply.getAssignment().getTerms(), context.keys().server().verifyingKey());
            DeviceTurn.Agreed agreed = turn.judge(offered, clock.instant());
            step[0] = Step.TRAIN;
            network.reach(Step.TRAIN);
            DeviceTurn.Trained trained = trained(guest, wire, turn);
            told.steps = trained.steps();
            told.loss = trained.loss();
            told.ready = Duration.between(opened.plus(guest.arrives()), self.clock());
            step[0] = Step.ADVERTISE;
            visit(guest, wire, network, member, turn, agreed, trained, clock, step);
        } catch (StayOutException e) {
            told.refused = Optional.of(e.reason().name().toLowerCase(Locale.ROOT));
        } catch (LedgerRefusedException.OverBudget e) {
            told.refused = Optional.of(Reason.BUDGET_SPENT.name().toLowerCase(Locale.ROOT));
        } catch (LedgerRefusedException e) {
            told.refused = Optional.of(Reason.ALREADY_ENTERED.name().toLowerCase(Locale.ROOT));
        } catch (RoundOverException e) {
            boolean isLate = e.code() == Over.Code.COHORT_FULL || e.code() == Over.Code.TOO_LATE;
            boolean isIn = turn.ledger().hasCharged(terms.getRoundId());
            if (isLate && step[0] == Step.ADVERTISE) {
                told.refused = Optional.of("cohort_full");
            } else if (!(isIn && e.code() == Over.Code.COMPLETED)) {
                told.gone = Optional.of(step[0]);
            }
        } catch (DeviceGoneException e) {
            told.gone = network.gone();
        } catch (IOException | ServerRefusedException | RoundRefusedException e) {
            told.gone = Optional.of(step[0]);
        }
    }

    private DeviceTurn.Trained trained(Guest guest, Wire wire, DeviceTurn turn)
            throws IOException, InterruptedException, StayOutException, ServerRefusedException {
        AdapterWeights start;
        try {
            byte[] fetched = Blobs.fetch(wire, terms.getCandidateSha256(), BLOB_BYTES_MAX);
            start = Safetensors.read(fetched, context.material().kit().layout());
        } catch (Blobs.WrongBlobException | FormatRefusedException e) {
            throw new StayOutException(Reason.CANDIDATE_REFUSED, String.valueOf(e.getMessage()));
        }
        Optional<DeviceTurn.Trained> made = crafted.of(guest);
        return made.isPresent()
                ? made.get()
                : turn.train(terms, start, context.material().data().training(guest.device(), terms.getNumber()));
    }

    private void visit(
            Guest guest,
            Wire wire,
            VirtualNetwork network,
            Member member,
            DeviceTurn turn,
            DeviceTurn.Agreed agreed,
            DeviceTurn.Trained trained,
            InstantSource clock,
            Step[] step)
            throws IOException, InterruptedException, ServerRefusedException, RoundOverException, RoundRefusedException,
                    LedgerRefusedException {
        RoundCalls calls = new RoundCalls(
                wire, network, clock, PATIENCE, new Sender(member.deviceId(), member.key()), terms.getRoundId());
        RoundVisit visit = new RoundVisit(
                calls,
                turn.ledger(),
                turn.releases(),
                (id, seen) -> {}, // nobody installs packs here whose rounds it could tell
                context.budget().inAnyPeriod(),
                clock,
                new RoundVisit.Draws(guest.random().fork("keys"), guest.random().fork("noise")));
        try {
            visit.take(
                    verified,
                    agreed.noise(),
                    agreed.spending(),
                    member,
                    context.peers(),
                    context.keys().server().verifyingKey(),
                    trained.update());
        } finally {
            step[0] = visit.step();
        }
    }
}
