package dev.coppice.aggregator.release;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.format.FormatRefusedException;
import dev.coppice.adapters.format.OnnxAdapter;
import dev.coppice.adapters.format.PeftAdapter;
import dev.coppice.adapters.format.Safetensors;
import dev.coppice.adapters.pack.KitAdapters;
import dev.coppice.adapters.pack.PackContents;
import dev.coppice.adapters.pack.Provenance;
import dev.coppice.adapters.transfer.PackCoding;
import dev.coppice.aggregator.store.BlobStore;
import dev.coppice.aggregator.store.Phase;
import dev.coppice.aggregator.store.RoundStore;
import dev.coppice.aggregator.store.StoredRound;
import dev.coppice.aggregator.store.StoredTask;
import dev.coppice.crypto.Sha256;
import dev.coppice.crypto.privacy.PrivacyLedger.Charge;
import dev.coppice.crypto.privacy.PrivacyLedger.Total;
import dev.coppice.crypto.signing.SigningKey;
import dev.coppice.protocol.Signed;
import dev.coppice.protocol.round.RoundTerms;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * States which rounds a pack came out of, for files whose weights those rounds made. It is the aggregator's word; whether it
 * becomes part of a pack is for the holders of release keys. For any number of threads.
 */
public final class ProvenanceDesk {
    private final RoundStore rounds;
    private final BlobStore blobs;
    private final SigningKey server;

    /** @param server signs terms; stays the caller's */
    public ProvenanceDesk(RoundStore rounds, BlobStore blobs, SigningKey server) {
        this.rounds = rounds;
        this.blobs = blobs;
        this.server = server;
    }

    /**
     * A signed statement.
     *
     * @param task that made the adapter
     * @param evaluation whose rounds measured it, if it was measured
     * @param files SHA-256 of stored blobs, by name: all files of the pack but the statement
     * @return the file {@link Provenance#FILE}
     * @throws RepositoryRefusedException if the files do not hold the task's candidate, or a round is too old to be vouched for
     */
    public byte[] state(StoredTask task, Optional<StoredTask> evaluation, Map<String, String> files)
            throws RepositoryRefusedException, IOException {
        SortedMap<String, String> subjects = new TreeMap<>(files);
        requireWeights(subjects, task);
        if (evaluation.isPresent() && !evaluation.get().candidateSha256().equals(task.candidateSha256())) {
            throw new RepositoryRefusedException("The evaluation is of another adapter");
        }
        RoundTerms template = template(task);
        Told told = new Told(template.getPrivacy().getDelta());
        List<Provenance.Round> made = told.rounds(task);
        List<Provenance.Round> measured = evaluation.isPresent() ? told.rounds(evaluation.get()) : List.of();
        try {
            Provenance provenance = new Provenance(
                    template.getSkill(),
                    task.id(),
                    template.getBaseModelSha256(),
                    template.getKitSha256(),
                    task.candidateSha256(),
                    made,
                    measured,
                    subjects);
            return provenance.sign(server);
        } catch (IllegalArgumentException e) {
            throw new RepositoryRefusedException("Nothing can be stated: " + e.getMessage());
        }
    }

    /** Tells rounds in the order in which devices paid for them. */
    private final class Told {
        private final double delta;
        private Total spent = Total.NOTHING;

        Told(double delta) {
            this.delta = delta;
        }

        List<Provenance.Round> rounds(StoredTask task) throws RepositoryRefusedException {
            List<Provenance.Round> told = new ArrayList<>();
            for (StoredRound round : rounds.rounds(task.id())) {
                byte[] payload = payload(round);
                double multiplier = terms(payload).getPrivacy().getNoiseMultiplier();
                spent = spent.plus(new Charge(multiplier));
                if (round.phase() == Phase.COMPLETED) {
                    told.add(told(round, payload));
                }
            }
            return told;
        }

        private Provenance.Round told(StoredRound round, byte[] payload) throws RepositoryRefusedException {
            if (round.result().transcriptSha256().isEmpty()) {
                throw new RepositoryRefusedException(
                        "Round " + round.id() + " was completed by a version that remembered too little of it");
            }
            return new Provenance.Round(
                    round.id(),
                    round.number(),
                    Sha256.hex(payload),
                    round.result().transcriptSha256(),
                    round.tally().advertised(),
                    round.result().devices(),
                    Double.isInfinite(spent.rho()) ? OptionalDouble.empty() : OptionalDouble.of(spent.epsilon(delta)),
                    round.resultSha256());
        }
    }

    /** What we put our name to holds what our rounds made, as coarse as packs have it, in both of its forms. */
    private void requireWeights(Map<String, String> files, StoredTask task)
            throws RepositoryRefusedException, IOException {
        try {
            PeftAdapter adapter = PeftAdapter.read(read(files, PackContents.CONFIG), read(files, PackContents.WEIGHTS));
            AdapterWeights candidate = Safetensors.read(blobs.read(task.candidateSha256()));
            boolean made = KitAdapters.holds(adapter, PackCoding.coarse(candidate));
            boolean same = OnnxAdapter.read(read(files, PackContents.ONNX))
                    .toPeft(adapter.config())
                    .weights()
                    .equals(adapter.weights());
            if (!made || !same) {
                throw new RepositoryRefusedException("The files hold other weights than the task's rounds made");
            }
        } catch (FormatRefusedException e) {
            throw new RepositoryRefusedException("The files hold no adapter: " + e.getMessage());
        }
    }

    private byte[] read(Map<String, String> files, String name) throws RepositoryRefusedException, IOException {
        String sha256 = files.getOrDefault(name, "");
        if (blobs.find(sha256).isEmpty()) {
            throw new RepositoryRefusedException("A file is not stored: " + name);
        }
        return blobs.read(sha256);
    }

    private static byte[] payload(StoredRound round) {
        try {
            return Signed.parseFrom(round.terms()).getPayload().toByteArray();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("Stored terms do not parse", e);
        }
    }

    private static RoundTerms terms(byte[] payload) {
        try {
            return RoundTerms.parseFrom(payload);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("Stored terms do not parse", e);
        }
    }

    private static RoundTerms template(StoredTask task) {
        return terms(task.template().toByteArray());
    }
}
