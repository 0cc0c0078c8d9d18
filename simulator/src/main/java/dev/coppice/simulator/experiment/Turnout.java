package dev.coppice.simulator.experiment;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.merge.AdapterPart;
import dev.coppice.adapters.merge.FactorTerms;
import dev.coppice.protocol.round.RoundTerms;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** Which part of the adapter devices train in a round, which of it they share, and what they keep for the next. */
final class Turnout {
    private final AdapterPart trained;
    private final AdapterPart uploaded;
    private final ConcurrentMap<Integer, float[]> kept;

    private Turnout(AdapterPart trained, AdapterPart uploaded, ConcurrentMap<Integer, float[]> kept) {
        this.trained = trained;
        this.uploaded = uploaded;
        this.kept = kept;
    }

    /** @param kept by devices, of earlier rounds; changed as they train */
    static Turnout of(RoundTerms terms, AdapterWeights candidate, ConcurrentMap<Integer, float[]> kept) {
        return new Turnout(
                AdapterPart.of(
                        candidate.layout(),
                        FactorTerms.factors(terms.getTraining().getTrained())),
                AdapterPart.of(
                        candidate.layout(),
                        FactorTerms.factors(terms.getTraining().getUploaded())),
                kept);
    }

    /** Nothing is kept yet. */
    static ConcurrentMap<Integer, float[]> nothingKept() {
        return new ConcurrentHashMap<>();
    }

    /** The candidate with what a device kept in place of what it does not share. */
    AdapterWeights start(int device, AdapterWeights candidate) {
        AdapterPart own = uploaded.rest();
        float[] before = kept.get(device);
        return before == null ? candidate : own.replaced(candidate, before);
    }

    List<TensorSpec> held() {
        return trained.rest().layout().tensors();
    }

    /** The update of a device that trained nothing. */
    float[] nothing() {
        return new float[uploaded.layout().count()];
    }

    /** What a device hands in; what it trained and does not hand in, it keeps. */
    float[] update(int device, AdapterWeights start, AdapterWeights end) {
        AdapterPart own = uploaded.rest();
        if (!own.isEmpty() && trained.layout().count() > uploaded.layout().count()) {
            kept.put(device, own.of(end.toArray()));
        }
        return uploaded.of(end.minus(start));
    }
}
