package dev.coppice.simulator.fleet;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.text.Example;
import dev.coppice.agent.checkin.StayOutException;
import dev.coppice.protocol.round.RoundTerms;
import dev.coppice.simulator.extension.Attack;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the malicious devices of a round hand in, made up before it begins: they know what all of them would have handed in. */
final class Crafted {
    private final Map<Integer, DeviceTurn.Trained> byDevice;

    private Crafted(Map<Integer, DeviceTurn.Trained> byDevice) {
        this.byDevice = byDevice;
    }

    /** Of one device; empty if it is honest, or cannot train. */
    Optional<DeviceTurn.Trained> of(Guest guest) {
        return Optional.ofNullable(byDevice.get(guest.device()));
    }

    static Crafted make(
            RoundContext context, FleetState state, List<Guest> guests, RoundTerms terms, AdapterWeights candidate)
            throws IOException, InterruptedException {
        List<Guest> bad = guests.stream().filter(Guest::malicious).toList();
        if (context.malice().isEmpty() || bad.isEmpty()) {
            return new Crafted(Map.of());
        }
        Malice malice = context.malice().get();
        Attack.View view = malice.view(terms.getNumber(), terms.getEncoding().getClipNorm(), bad.size());
        List<Optional<DeviceTurn.Trained>> trained = new ArrayList<>();
        bad.forEach(guest -> trained.add(Optional.empty()));
        context.workers().each(bad.size(), i -> {
            Optional<DeviceTurn.Trained> one = trained(context, state, bad.get(i), terms, candidate, malice, view);
            synchronized (trained) {
                trained.set(i, one);
            }
        });
        List<float[]> all = trained.stream()
                .flatMap(Optional::stream)
                .map(DeviceTurn.Trained::update)
                .toList();
        Map<Integer, DeviceTurn.Trained> crafted = new HashMap<>();
        for (int i = 0; i < bad.size(); i++) {
            Guest guest = bad.get(i);
            trained.get(i)
                    .ifPresent(one -> crafted.put(
                            guest.device(),
                            new DeviceTurn.Trained(
                                    malice.update(guest, one.update(), all, view), one.steps(), one.loss())));
        }
        return new Crafted(crafted);
    }

    private static Optional<DeviceTurn.Trained> trained(
            RoundContext context,
            FleetState state,
            Guest guest,
            RoundTerms terms,
            AdapterWeights candidate,
            Malice malice,
            Attack.View view)
            throws IOException, InterruptedException {
        if (!malice.trains()) {
            return Optional.of(new DeviceTurn.Trained(malice.zeros(terms), 0, Double.NaN));
        }
        List<Example> own = context.material().data().training(guest.device(), terms.getNumber());
        try (DeviceTurn turn = new DeviceTurn(context, guest, state.record(guest.device()))) {
            return Optional.of(turn.train(terms, candidate, malice.examples(guest, own, view)));
        } catch (StayOutException e) {
            return Optional.empty();
        }
    }
}
