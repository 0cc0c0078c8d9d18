package dev.coppice.simulator.fleet;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.format.FormatRefusedException;
import dev.coppice.adapters.format.Safetensors;
import dev.coppice.agent.checkin.StayOutException;
import dev.coppice.agent.store.LedgerRefusedException;
import dev.coppice.crypto.RandomSource;
import dev.coppice.crypto.masking.RoundRefusedException;
import dev.coppice.crypto.masking.VerifiedTerms;
import dev.coppice.crypto.privacy.EncodingParameters;
import dev.coppice.crypto.privacy.UpdateEncoder;
import dev.coppice.protocol.Signed;
import dev.coppice.protocol.round.RoundTerms;
import dev.coppice.simulator.extension.Extensions;
import dev.coppice.simulator.extension.UpdateMerge;
import dev.coppice.simulator.fleet.Portion.Turn;
import dev.coppice.simulator.fleet.Slice.Seat;
import java.io.IOException;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Plays the parts of members whose updates are summed in the clear, on this process's workers. <b>Not secure.</b> */
final class SlicePlayer {
    private final RoundContext context;
    private final boolean isOff;
    private final UpdateMerge merge;

    SlicePlayer(RoundContext context) {
        this.context = context;
        isOff = context.settings().privacy() == Privacy.OFF;
        merge = Extensions.named(
                UpdateMerge.class, "merge", context.settings().merge().name());
    }

    /** A slice's round, read. */
    private static final class Round {
        private final int number;
        private final VerifiedTerms verified;
        private final AdapterWeights candidate;
        private final Instant opened;
        private final EncodingParameters encoding;
        private final Queue<UpdateEncoder> encoders = new ConcurrentLinkedQueue<>();

        Round(int number, VerifiedTerms verified, AdapterWeights candidate, Instant opened) {
            this.number = number;
            this.verified = verified;
            this.candidate = candidate;
            this.opened = opened;
            this.encoding = EncodingParameters.of(terms().getEncoding());
        }

        RoundTerms terms() {
            return verified.terms();
        }

        /** By an encoder that nobody uses at the moment: the round's rotation is drawn once for each worker. */
        int[] encoded(float[] update, RandomSource random) {
            UpdateEncoder free = encoders.poll();
            UpdateEncoder encoder = free == null ? new UpdateEncoder(encoding) : free;
            int[] encoded = encoder.encode(update, random);
            encoders.add(encoder);
            return encoded;
        }
    }

    /** @throws IOException if the slice is none of this run's */
    Portion play(Slice slice) throws IOException, InterruptedException {
        Round round = read(slice);
        Sums sums = new Sums();
        Queue<Turn> turns = new ConcurrentLinkedQueue<>();
        context.workers().each(slice.seats().size(), i -> {
            turns.add(take(round, slice.seats().get(i), sums));
            context.observer().deviceDone();
        });
        List<Turn> inOrder =
                turns.stream().sorted(Comparator.comparingInt(Turn::device)).toList();
        return new Portion(inOrder, sums);
    }

    private Round read(Slice slice) throws IOException {
        try {
            VerifiedTerms verified = VerifiedTerms.verify(
                    Signed.parseFrom(slice.terms()), context.keys().server().verifyingKey());
            AdapterWeights candidate = Safetensors.read(
                    slice.candidate().toByteArray(), context.material().kit().layout());
            return new Round(slice.round(), verified, candidate, slice.opened());
        } catch (InvalidProtocolBufferException | RoundRefusedException | FormatRefusedException e) {
            throw new IOException("a part of another run: " + e.getMessage(), e);
        }
    }

    /** A member's whole part. */
    private Turn take(Round round, Seat seat, Sums sums) throws IOException, InterruptedException {
        Guest guest = context.guests().guest(seat.device(), round.number);
        DeviceRecord record = DeviceRecord.of(seat.record().toByteArray());
        Tally.Part part;
        try (DeviceTurn turn = new DeviceTurn(context, guest, record)) {
            part = taken(round, seat, guest, turn, sums);
        } catch (StayOutException e) {
            part = RoundServer.refused(e.reason().name());
        } catch (LedgerRefusedException.OverBudget e) {
            part = RoundServer.refused("BUDGET_SPENT");
        } catch (LedgerRefusedException e) {
            part = RoundServer.refused("ALREADY_ENTERED");
        }
        return new Turn(seat.device(), part, ByteString.copyFrom(record.toBytes()));
    }

    private Tally.Part taken(Round round, Seat seat, Guest guest, DeviceTurn turn, Sums sums)
            throws IOException, InterruptedException, StayOutException, LedgerRefusedException {
        RoundTerms terms = round.terms();
        int steps = terms.getTraining().getLocalSteps();
        Instant now = round.opened.plus(guest.skew()).plus(guest.arrives());
        DeviceTurn.Agreed agreed = turn.judge(round.verified, now);
        DeviceTurn.Trained trained = seat.crafted().isPresent()
                ? seat.crafted().get()
                : turn.train(
                        terms, round.candidate, context.material().data().training(guest.device(), terms.getNumber()));
        turn.ledger().enter(terms.getRoundId());
        if (seat.counted()) {
            turn.ledger().charge(agreed.spending(), context.budget().inAnyPeriod(), now.plus(guest.ready(steps)));
            add(sums, round, seat, guest, trained.update());
        }
        return new Tally.Part(
                Optional.empty(),
                guest.vanishes(),
                true,
                seat.counted(),
                trained.steps(),
                trained.loss(),
                guest.ready(steps).minus(guest.arrives()),
                0,
                0,
                turn.ledger().ever());
    }

    private void add(Sums sums, Round round, Seat seat, Guest guest, float[] update) {
        if (!isOff) {
            RandomSource random = guest.random().fork("noise");
            int[] encoded = guest.malicious() && !context.malice().orElseThrow().clips()
                    ? new UpdateEncoder(unclipped(round.encoding, update)).encode(update, random)
                    : round.encoded(update, random);
            sums.addEncoded(seat.group(), encoded);
        } else if (merge.isMean()) {
            sums.addPlain(update);
        } else {
            sums.addWhole(seat.place(), update);
        }
    }

    /** Who does not clip says that the norm of its update is the bound. */
    private static EncodingParameters unclipped(EncodingParameters encoding, float[] update) {
        double squares = 0;
        for (float value : update) {
            squares += (double) value * value;
        }
        double norm = Math.sqrt(squares);
        return norm <= encoding.clipNorm()
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
}
