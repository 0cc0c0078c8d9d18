package dev.coppice.adapters.text;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One pass over a tokenizer.json: that it is JSON without unusual depth or repeated members, and that its token ids are
 * sane. Keeps the parts that say how texts are split, but of the vocabulary no more than one bit for each id and the
 * tokens that were asked for.
 */
final class VocabularyScan {
    static final int IDS_MAX = 1 << 20;
    private static final int DEPTH_MAX = 32;
    private static final ObjectMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(DEPTH_MAX)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .build();

    private final JsonParser parser;
    private final Set<String> wanted;
    private final BitSet ids = new BitSet();
    private final Map<String, Integer> found = new HashMap<>();
    private final ObjectNode parts = JSON.createObjectNode();
    private final ObjectNode model = JSON.createObjectNode();
    private int size;
    private boolean merges;
    private boolean scores;

    /**
     * A token that is looked for in a text before the text is split.
     *
     * @param id that the file gives it
     */
    record Added(String content, int id) {}

    private final List<Added> added = new ArrayList<>();

    private VocabularyScan(JsonParser parser, Set<String> wanted) {
        this.parser = parser;
        this.wanted = wanted;
    }

    /** @param wanted tokens whose ids are kept */
    static VocabularyScan of(byte[] json, Set<String> wanted) throws TokenizerRefusedException {
        try (JsonParser parser = JSON.createParser(json)) {
            VocabularyScan scan = new VocabularyScan(parser, Set.copyOf(wanted));
            scan.root();
            require(scan.ids.length() > 0, "the tokenizer.json has no usable vocabulary");
            return scan;
        } catch (IOException e) {
            throw new TokenizerRefusedException("the tokenizer.json is not JSON as it should be", e);
        }
    }

    /** One more than the highest token id. */
    int vocabularySize() {
        return ids.length();
    }

    boolean hasId(long id) {
        return id >= 0 && id < ids.length() && ids.get((int) id);
    }

    /** How many tokens the vocabulary itself has, those apart that are added to it. */
    int modelSize() {
        return size;
    }

    boolean hasMerges() {
        return merges;
    }

    /** Whether the vocabulary is a list of tokens with scores. */
    boolean hasScores() {
        return scores;
    }

    /** The ids of those tokens of the vocabulary that were wanted. */
    Map<String, Integer> found() {
        return Map.copyOf(found);
    }

    /** In the order of the file. */
    List<Added> added() {
        return List.copyOf(added);
    }

    /** All members but the model and the added tokens. */
    JsonNode parts() {
        return parts;
    }

    /** The model without its vocabulary and merges. */
    JsonNode model() {
        return model;
    }

    private void root() throws IOException, TokenizerRefusedException {
        require(parser.nextToken() == JsonToken.START_OBJECT, "the tokenizer.json is no JSON object");
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String member = parser.currentName();
            JsonToken value = parser.nextToken();
            if (member.equals("model") && value == JsonToken.START_OBJECT) {
                readModel();
            } else if (member.equals("added_tokens") && value == JsonToken.START_ARRAY) {
                readAdded();
            } else {
                parts.set(member, parser.readValueAsTree());
            }
        }
        require(parser.nextToken() == null, "the tokenizer.json has something after its end");
    }

    private void readModel() throws IOException, TokenizerRefusedException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String member = parser.currentName();
            JsonToken value = parser.nextToken();
            if (member.equals("vocab") && value == JsonToken.START_OBJECT) {
                byName();
            } else if (member.equals("vocab") && value == JsonToken.START_ARRAY) {
                inOrder();
            } else if (value == JsonToken.START_ARRAY) {
                merges |= member.equals("merges");
                parser.skipChildren();
            } else {
                model.set(member, parser.readValueAsTree());
            }
        }
    }

    /** Tokens with their ids, as BPE and WordPiece have them. */
    private void byName() throws IOException, TokenizerRefusedException {
        BitSet named = new BitSet(); // added tokens may repeat the ids of these
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String token = parser.currentName();
            parser.nextToken();
            int id = id();
            require(!named.get(id), "the tokenizer.json has token id " + id + " twice");
            named.set(id);
            keep(token, id);
        }
        ids.or(named);
        size = named.cardinality();
    }

    /** Tokens in the order of their ids, as Unigram has them. */
    private void inOrder() throws IOException, TokenizerRefusedException {
        scores = true;
        Set<String> seen = new HashSet<>();
        for (int id = 0; parser.nextToken() == JsonToken.START_ARRAY; id++) {
            require(id < IDS_MAX, "the tokenizer.json has more than " + IDS_MAX + " tokens");
            require(parser.nextToken() == JsonToken.VALUE_STRING, "the tokenizer.json has a token that is no text");
            require(seen.add(parser.getText()), "the tokenizer.json has the token of id " + id + " twice");
            keep(parser.getText(), id);
            require(parser.nextToken().isNumeric(), "the tokenizer.json has a score that is no number");
            require(parser.nextToken() == JsonToken.END_ARRAY, "the tokenizer.json has a token of more than two parts");
            ids.set(id);
            size = id + 1;
        }
        require(parser.currentToken() == JsonToken.END_ARRAY, "the tokenizer.json has a token without a score");
    }

    private void keep(String token, int id) {
        if (wanted.contains(token)) {
            found.put(token, id);
        }
    }

    private void readAdded() throws IOException, TokenizerRefusedException {
        while (parser.nextToken() == JsonToken.START_OBJECT) {
            String content = "";
            int id = -1;
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String member = parser.currentName();
                JsonToken value = parser.nextToken();
                if (member.equals("id")) {
                    id = id();
                } else if (member.equals("content") && value == JsonToken.VALUE_STRING) {
                    content = parser.getText();
                } else {
                    parser.skipChildren();
                }
            }
            require(id >= 0, "the tokenizer.json has an added token without an id");
            ids.set(id);
            added.add(new Added(content, id));
        }
        require(
                parser.currentToken() == JsonToken.END_ARRAY,
                "the tokenizer.json has an added token that is no object");
    }

    private int id() throws IOException, TokenizerRefusedException {
        require(
                parser.currentToken() == JsonToken.VALUE_NUMBER_INT
                        && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER
                        && parser.getLongValue() >= 0
                        && parser.getLongValue() < IDS_MAX,
                "the tokenizer.json has a token id that is not one from 0 to " + (IDS_MAX - 1) + ", in line "
                        + parser.currentLocation().getLineNr());
        return parser.getIntValue();
    }

    private static void require(boolean fits, String problem) throws TokenizerRefusedException {
        if (!fits) {
            throw new TokenizerRefusedException(problem);
        }
    }
}
