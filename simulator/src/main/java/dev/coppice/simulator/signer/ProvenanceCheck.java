package dev.coppice.simulator.signer;

import dev.coppice.adapters.pack.PackRefusedException;
import dev.coppice.adapters.pack.PrivacyFacts;
import dev.coppice.adapters.pack.Provenance;
import dev.coppice.adapters.pack.Provenance.Round;
import dev.coppice.adapters.pack.SkillFacts;
import dev.coppice.crypto.signing.VerifyingKey;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a holder sees to before the aggregator's word for a pack goes under a release key: that it fits the pack. */
final class ProvenanceCheck {
    /** What two accounts of the same noise may differ by: a ledger's, and that of the sum of discrete Gaussians. */
    private static final double ACCOUNTS = 0.01;

    private final VerifyingKey server;

    /** @param server key of the aggregator, known from before */
    ProvenanceCheck(VerifyingKey server) {
        this.server = server;
    }

    /**
     * A pack that is to be.
     *
     * @param candidateSha256 the adapter that its weights were made from here
     * @param figuresSha256 what its evaluation was read from; empty if it has none
     * @param files all but the statement, by name
     */
    record Pack(
            String taskId,
            String baseModelSha256,
            String kitSha256,
            String candidateSha256,
            Optional<String> figuresSha256,
            SkillFacts facts,
            Map<String, byte[]> files) {}

    /**
     * That the aggregator signed it, for these files, and that what it says of rounds is what the pack says.
     *
     * @throws PackRefusedException naming the first thing that differs
     */
    Provenance verified(byte[] envelope, Pack pack) throws PackRefusedException {
        Provenance told = Provenance.verified(envelope, server);
        told.requireFiles(pack.files());
        require(told.skill().equals(pack.facts().skill()), "another skill");
        require(told.taskId().equals(pack.taskId()), "another task");
        require(told.baseModelSha256().equals(pack.baseModelSha256()), "another base model");
        require(told.kitSha256().equals(pack.kitSha256()), "another kit");
        require(told.candidateSha256().equals(pack.candidateSha256()), "another candidate");
        List<Integer> sizes = told.rounds().stream().map(Round::inSum).toList();
        require(sizes.equals(pack.facts().cohortSizes()), "cohorts of " + sizes);
        Optional<String> figures =
                told.evaluations().stream().map(Round::resultSha256).reduce((earlier, later) -> later);
        require(figures.equals(pack.figuresSha256()), "another evaluation");
        requirePrivacy(told, pack.facts().privacy());
        return told;
    }

    /** For making it and measuring it. A pack that promises nothing may come out of rounds with noise; not the other way round. */
    private static void requirePrivacy(Provenance told, PrivacyFacts said) throws PackRefusedException {
        if (said.mechanism().equals(PrivacyFacts.NONE)) {
            return;
        }
        Round last = told.evaluations().isEmpty()
                ? told.rounds().getLast()
                : told.evaluations().getLast();
        double spent = last.epsilonSoFar().orElse(Double.POSITIVE_INFINITY);
        require(spent <= said.epsilon() * (1 + ACCOUNTS), "epsilon " + spent + ", not " + said.epsilon());
        int rounds = told.rounds().getLast().number()
                + (told.evaluations().isEmpty()
                        ? 0
                        : told.evaluations().getLast().number());
        require(rounds <= said.participations(), rounds + " rounds, not " + said.participations());
    }

    private static void require(boolean holds, String other) throws PackRefusedException {
        if (!holds) {
            throw new PackRefusedException("the aggregator's " + Provenance.FILE + " tells of " + other);
        }
    }
}
