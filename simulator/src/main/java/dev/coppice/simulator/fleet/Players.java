package dev.coppice.simulator.fleet;

import dev.coppice.simulator.fleet.Portion.Turn;
import dev.coppice.simulator.fleet.Slice.Seat;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Who plays a round's members: this process, or a crew by pieces. What comes of it is the same. */
final class Players {
    private static final int SEATS_OF_A_PIECE = 32;

    private final RoundContext context;

    Players(RoundContext context) {
        this.context = context;
    }

    Portion play(Slice slice) throws IOException, InterruptedException {
        return context.crew().isEmpty()
                ? new SlicePlayer(context).play(slice)
                : together(slice, context.crew().get());
    }

    private Portion together(Slice slice, Crew crew) throws IOException, InterruptedException {
        List<byte[]> pieces = new ArrayList<>();
        List<Seat> seats = slice.seats();
        for (int from = 0; from < seats.size(); from += SEATS_OF_A_PIECE) {
            Slice piece = slice.of(seats.subList(from, Math.min(seats.size(), from + SEATS_OF_A_PIECE)));
            pieces.add(SliceWire.bytes(piece));
        }
        List<Turn> turns = new ArrayList<>();
        Sums sums = new Sums();
        for (byte[] done : crew.work(pieces)) {
            Portion portion = SliceWire.portion(done);
            turns.addAll(portion.turns());
            sums.addAll(portion.sums());
            portion.turns().forEach(turn -> context.observer().deviceDone());
        }
        return new Portion(turns, sums);
    }
}
