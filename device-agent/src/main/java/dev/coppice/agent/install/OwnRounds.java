package dev.coppice.agent.install;

import dev.coppice.adapters.pack.PackRefusedException;
import dev.coppice.adapters.pack.Provenance;
import dev.coppice.agent.store.SeenRounds;
import dev.coppice.agent.store.SeenRounds.Seen;
import dev.coppice.crypto.Sha256;
import dev.coppice.crypto.signing.VerifyingKey;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Holds what an aggregator states of a pack's rounds against what this device was shown in those that it was in. A lie about
 * a round meets everybody who was in it. What nobody here saw, or is not stated, is contradicted by nobody here. For one
 * thread at a time.
 */
public final class OwnRounds {
    private final SeenRounds seen;
    private final VerifyingKey server;

    /** @param server the pinned key that signs rounds' terms, and statements about them */
    public OwnRounds(SeenRounds seen, VerifyingKey server) {
        this.seen = seen;
        this.server = server;
    }

    /** Whether there is anything to hold a statement against. */
    public boolean isWorthAsking() throws IOException {
        return !seen.all().isEmpty();
    }

    /**
     * That a statement is about this pack, and tells of none of this device's rounds otherwise than the device saw it.
     *
     * @param files of the pack, by name: some of those that the statement is about
     * @throws PackRefusedException if the aggregator did not sign it, it makes no sense, or it contradicts what was seen
     */
    public void requireSame(byte[] statement, String skill, Map<String, byte[]> files)
            throws PackRefusedException, IOException {
        Provenance told = Provenance.verified(statement, server);
        if (!told.skill().equals(skill)) {
            throw new PackRefusedException(Provenance.FILE + " is about another skill");
        }
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            if (!Sha256.hex(file.getValue()).equals(told.files().get(file.getKey()))) {
                throw new PackRefusedException(Provenance.FILE + " is about another " + file.getKey());
            }
        }
        Map<String, Seen> own = seen.all();
        requireSame(told.rounds(), own);
        requireSame(told.evaluations(), own);
    }

    private static void requireSame(List<Provenance.Round> rounds, Map<String, Seen> own) throws PackRefusedException {
        for (Provenance.Round round : rounds) {
            requireSame(round, Optional.ofNullable(own.get(round.id())));
        }
    }

    private static void requireSame(Provenance.Round round, Optional<Seen> own) throws PackRefusedException {
        Seen told = new Seen(round.termsSha256(), round.transcriptSha256());
        if (own.isPresent() && !own.get().equals(told)) {
            throw new PackRefusedException(
                    Provenance.FILE + " tells of round " + round.id()
                            + " otherwise than this device, which was in it, saw it: the aggregator lies about the rounds that made the pack");
        }
    }
}
