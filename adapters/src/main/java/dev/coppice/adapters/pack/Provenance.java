package dev.coppice.adapters.pack;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.crypto.Sha256;
import dev.coppice.crypto.signing.SigningKey;
import dev.coppice.crypto.signing.VerifyingKey;
import dev.coppice.protocol.Identifiers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Which rounds a skill pack came out of, by the word of the aggregator that led them: an in-toto statement (version 1)
 * about the pack's files, in an {@linkplain DsseEnvelope envelope} with the signature of the key that signs rounds' terms.
 *
 * @param taskId of the task whose rounds made the adapter
 * @param candidateSha256 the adapter that came out of one of its rounds, as devices had it; of the last one, where rounds do not
 *     overlap
 * @param rounds that made the adapter, ascending by number, 1 to {@value #ROUNDS_MAX}
 * @param evaluations rounds that measured it, as many at most
 * @param files SHA-256 of the pack's other files, by name
 */
public record Provenance(
        String skill,
        String taskId,
        String baseModelSha256,
        String kitSha256,
        String candidateSha256,
        List<Round> rounds,
        List<Round> evaluations,
        SortedMap<String, String> files) {
    public static final String FILE = "provenance.dsse.json";

    /** Longest envelope, in bytes: so many rounds have room. */
    static final int BYTES_MAX = 1 << 23;

    private static final int ROUNDS_MAX = 10_000;
    private static final int FILES_MAX = 16;
    private static final String STATEMENT = "https://in-toto.io/Statement/v1";
    private static final String PREDICATE = "https://coppice.dev/provenance/rounds/v1";

    /**
     * A round that was completed.
     *
     * @param id as in its terms
     * @param number in its task, from 1; abandoned rounds count
     * @param termsSha256 H(D), of the signed bytes of its terms
     * @param transcriptSha256 of its terms, its roster and its survivors
     * @param cohort devices that advertised
     * @param inSum devices that are in the sum, at most as many
     * @param epsilonSoFar what a device has spent that took part in all rounds that were begun up to this one, abandoned ones
     *     among them; empty if one had no noise
     * @param resultSha256 of what it made: an adapter, or figures
     */
    public record Round(
            String id,
            int number,
            String termsSha256,
            String transcriptSha256,
            int cohort,
            int inSum,
            OptionalDouble epsilonSoFar,
            String resultSha256) {
        /** @throws IllegalArgumentException if a value is out of range */
        public Round {
            boolean fits = Identifiers.isIdentifier(id)
                    && number >= 1
                    && Identifiers.isSha256(termsSha256)
                    && Identifiers.isSha256(transcriptSha256)
                    && Identifiers.isSha256(resultSha256)
                    && inSum >= 1
                    && inSum <= cohort
                    && (epsilonSoFar.isEmpty()
                            || (epsilonSoFar.getAsDouble() >= 0 && Double.isFinite(epsilonSoFar.getAsDouble())));
            require(fits, "a round is out of range");
        }
    }

    /** @throws IllegalArgumentException if a value is out of range, or the rounds contradict each other */
    public Provenance {
        rounds = List.copyOf(rounds);
        evaluations = List.copyOf(evaluations);
        files = Collections.unmodifiableSortedMap(new TreeMap<>(files));
        require(Identifiers.isIdentifier(skill) && Identifiers.isIdentifier(taskId), "a name is out of range");
        require(
                Identifiers.isSha256(baseModelSha256)
                        && Identifiers.isSha256(kitSha256)
                        && Identifiers.isSha256(candidateSha256)
                        && files.values().stream().allMatch(Identifiers::isSha256),
                "a hash is none");
        require(!files.isEmpty() && files.size() <= FILES_MAX, "there are 1 to " + FILES_MAX + " files");
        require(
                !rounds.isEmpty() && rounds.size() + evaluations.size() <= ROUNDS_MAX,
                "there are 1 to " + ROUNDS_MAX + " rounds");
        requireConsistent(rounds, evaluations);
        require(
                rounds.stream().anyMatch(round -> round.resultSha256().equals(candidateSha256)),
                "the rounds made another adapter");
    }

    private static void requireConsistent(List<Round> rounds, List<Round> evaluations) {
        Set<String> ids = new HashSet<>();
        int number = 0;
        double spent = 0;
        for (Round round : rounds) {
            require(round.number() > number, "rounds are ascending by number");
            number = round.number();
        }
        List<Round> all = new ArrayList<>(rounds);
        all.addAll(evaluations);
        for (Round round : all) {
            double after = round.epsilonSoFar().orElse(Double.POSITIVE_INFINITY);
            require(ids.add(round.id()), "no round is there twice");
            require(after >= spent, "what was spent does not become less");
            spent = after;
        }
    }

    /** The file {@value #FILE}, signed by the key that signs terms. */
    public byte[] sign(SigningKey server) {
        return DsseEnvelope.sign(PackJson.bytes(statement()), server);
    }

    /**
     * What an aggregator stated.
     *
     * @param envelope of unknown origin
     * @throws PackRefusedException if it did not sign it, or if that is no such statement
     */
    public static Provenance verified(byte[] envelope, VerifyingKey server) throws PackRefusedException {
        byte[] payload = DsseEnvelope.verified(envelope, server, FILE, BYTES_MAX);
        Provenance read;
        try {
            read = read(PackJson.parse(payload, FILE, BYTES_MAX));
        } catch (IllegalArgumentException e) {
            throw new PackRefusedException(FILE + " makes no sense: " + e.getMessage(), e);
        }
        if (!Arrays.equals(payload, PackJson.bytes(read.statement()))) {
            throw new PackRefusedException(FILE + " is not in its one form");
        }
        return read;
    }

    /**
     * That it is about just these files.
     *
     * @param contents all files of the pack but this one, by name
     * @throws PackRefusedException naming the first file that is missing, too many or different
     */
    public void requireFiles(Map<String, byte[]> contents) throws PackRefusedException {
        if (!contents.keySet().equals(files.keySet())) {
            throw new PackRefusedException(FILE + " is about other files: " + files.keySet());
        }
        for (Map.Entry<String, byte[]> content : contents.entrySet()) {
            if (!Sha256.hex(content.getValue()).equals(files.get(content.getKey()))) {
                throw new PackRefusedException(FILE + " is about another " + content.getKey());
            }
        }
    }

    private ObjectNode statement() {
        ObjectNode statement = PackJson.object();
        statement.put("_type", STATEMENT);
        ArrayNode subjects = statement.putArray("subject");
        files.forEach((name, sha256) ->
                subjects.addObject().put("name", name).putObject("digest").put("sha256", sha256));
        statement.put("predicateType", PREDICATE);
        ObjectNode predicate = statement.putObject("predicate");
        predicate.put("skill", skill);
        predicate.put("taskId", taskId);
        predicate.put("baseModelSha256", baseModelSha256);
        predicate.put("kitSha256", kitSha256);
        predicate.put("candidateSha256", candidateSha256);
        ArrayNode made = predicate.putArray("rounds");
        rounds.forEach(round -> write(made.addObject(), round));
        ArrayNode measured = predicate.putArray("evaluations");
        evaluations.forEach(round -> write(measured.addObject(), round));
        return statement;
    }

    private static void write(ObjectNode object, Round round) {
        object.put("id", round.id());
        object.put("number", round.number());
        object.put("termsSha256", round.termsSha256());
        object.put("transcriptSha256", round.transcriptSha256());
        object.put("cohort", round.cohort());
        object.put("inSum", round.inSum());
        round.epsilonSoFar().ifPresent(epsilon -> object.put("epsilonSoFar", PackJson.figure(epsilon)));
        object.put("resultSha256", round.resultSha256());
    }

    private static Provenance read(JsonNode statement) {
        SortedMap<String, String> files = new TreeMap<>();
        for (JsonNode subject : statement.path("subject")) {
            files.put(
                    subject.path("name").asText(),
                    subject.path("digest").path("sha256").asText());
        }
        JsonNode predicate = statement.path("predicate");
        return new Provenance(
                predicate.path("skill").asText(),
                predicate.path("taskId").asText(),
                predicate.path("baseModelSha256").asText(),
                predicate.path("kitSha256").asText(),
                predicate.path("candidateSha256").asText(),
                rounds(predicate.path("rounds")),
                rounds(predicate.path("evaluations")),
                files);
    }

    private static List<Round> rounds(JsonNode array) {
        require(array.size() <= ROUNDS_MAX, "there are at most " + ROUNDS_MAX + " rounds");
        List<Round> rounds = new ArrayList<>();
        for (JsonNode round : array) {
            rounds.add(new Round(
                    round.path("id").asText(),
                    round.path("number").asInt(),
                    round.path("termsSha256").asText(),
                    round.path("transcriptSha256").asText(),
                    round.path("cohort").asInt(),
                    round.path("inSum").asInt(),
                    round.has("epsilonSoFar")
                            ? OptionalDouble.of(round.path("epsilonSoFar").asDouble(Double.NaN))
                            : OptionalDouble.empty(),
                    round.path("resultSha256").asText()));
        }
        return rounds;
    }

    private static void require(boolean holds, String rule) {
        if (!holds) {
            throw new IllegalArgumentException(rule);
        }
    }
}
