package dev.coppice.simulator;

import dev.coppice.agent.Evaluation;
import dev.coppice.agent.Installation;
import dev.coppice.agent.Personalization;
import dev.coppice.simulator.report.HeldOut;
import java.util.List;

/** What the devices had of it, each list in the devices' order. */
record Outcome(
        List<Installation> installations,
        List<Personalization> personals,
        HeldOut.Score majority,
        List<Evaluation> base,
        List<Evaluation> localOnly,
        List<Evaluation> pack,
        List<Evaluation> personal,
        Traffic traffic,
        double epsilonSpent) {
    HeldOut heldOut() {
        return new HeldOut(
                majority,
                Judging.pooled(base),
                Judging.pooled(localOnly),
                Judging.pooled(pack),
                Judging.pooled(personal));
    }
}
