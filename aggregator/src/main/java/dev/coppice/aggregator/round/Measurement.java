package dev.coppice.aggregator.round;

import dev.coppice.aggregator.guard.Guards;
import dev.coppice.aggregator.guard.PackFigures;
import dev.coppice.aggregator.guard.PersonalFigures;
import dev.coppice.aggregator.store.BlobStore;
import dev.coppice.aggregator.store.StoredTask;
import dev.coppice.aggregator.task.TaskDefinition.MetricsRule;
import dev.coppice.aggregator.task.TaskJson;
import dev.coppice.crypto.privacy.SumDecoder;
import dev.coppice.protocol.round.MetricsSubject;
import dev.coppice.protocol.round.RoundTerms;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** Makes figures out of the sums of a round of metrics. */
final class Measurement {
    private final BlobStore blobs;
    private final Guards guards;

    Measurement(BlobStore blobs, Guards guards) {
        this.blobs = blobs;
        this.guards = guards;
    }

    /**
     * Tells the guards, and stores what was told. In this order: should this process end before the round is complete, it is
     * done again, and no halt is lost.
     *
     * @return SHA-256 of the figures
     */
    String measured(StoredTask task, RoundTerms terms, SumDecoder decoder, List<GroupSum> sums) throws IOException {
        double[] total = new double[decoder.updateDimension()];
        double variance = 0;
        for (GroupSum sum : sums) {
            float[] decoded = decoder.decode(sum.values());
            Arrays.setAll(total, i -> total[i] + decoded[i]);
            double noise = decoder.noise(sum.devices(), terms.getPrivacy().getServerSigma());
            variance += noise * noise;
        }
        MetricsRule rule =
                Objects.requireNonNull(TaskJson.stored(task.definition()).metrics(), "the task asks for metrics");
        if (terms.getMetrics().getSubject() == MetricsSubject.PERSONAL_ADAPTERS) {
            return blobs.put(PersonalFigures.of(terms, rule.devicesMin(), Math.sqrt(variance), total)
                    .toJson());
        }
        PackFigures figures = PackFigures.of(terms, rule.devicesMin(), Math.sqrt(variance), total);
        guards.told(figures);
        return blobs.put(figures.toJson());
    }
}
