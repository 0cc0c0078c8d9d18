package dev.coppice.adapters.text;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.util.BitSet;

/**
 * What is looked at in a tokenizer.json before native code sees it: that it is JSON without unusual depth or repeated
 * members, and that its token ids are sane. Holds no more than one bit for each id.
 */
final class VocabularyScan {
    private static final int DEPTH_MAX = 32;
    private static final int IDS_MAX = 1 << 20;
    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(DEPTH_MAX).build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private final JsonParser parser;
    private final BitSet ids = new BitSet();

    private VocabularyScan(JsonParser parser) {
        this.parser = parser;
    }

    /** One more than the highest token id. */
    static int vocabularySize(byte[] json) throws TokenizerRefusedException {
        try (JsonParser parser = JSON.createParser(json)) {
            VocabularyScan scan = new VocabularyScan(parser);
            scan.root();
            require(scan.ids.length() > 0, "the tokenizer.json has no usable vocabulary");
            return scan.ids.length();
        } catch (IOException e) {
            throw new TokenizerRefusedException("the tokenizer.json is not JSON as it should be", e);
        }
    }

    private void root() throws IOException, TokenizerRefusedException {
        require(parser.nextToken() == JsonToken.START_OBJECT, "the tokenizer.json is no JSON object");
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String member = parser.currentName();
            JsonToken value = parser.nextToken();
            if (member.equals("model") && value == JsonToken.START_OBJECT) {
                model();
            } else if (member.equals("added_tokens") && value == JsonToken.START_ARRAY) {
                added();
            } else {
                parser.skipChildren();
            }
        }
        require(parser.nextToken() == null, "the tokenizer.json has something after its end");
    }

    private void model() throws IOException, TokenizerRefusedException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            boolean vocabulary = parser.currentName().equals("vocab");
            JsonToken value = parser.nextToken();
            if (vocabulary && value == JsonToken.START_OBJECT) {
                byName();
            } else if (vocabulary && value == JsonToken.START_ARRAY) {
                inOrder();
            } else {
                parser.skipChildren();
            }
        }
    }

    /** Tokens with their ids, as BPE and WordPiece have them. */
    private void byName() throws IOException, TokenizerRefusedException {
        BitSet named = new BitSet(); // added tokens may repeat the ids of these
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            parser.nextToken();
            int id = id();
            require(!named.get(id), "the tokenizer.json has token id " + id + " twice");
            named.set(id);
        }
        ids.or(named);
    }

    /** Tokens in the order of their ids, as Unigram has them. */
    private void inOrder() throws IOException, TokenizerRefusedException {
        for (int id = 0; parser.nextToken() != JsonToken.END_ARRAY; id++) {
            require(id < IDS_MAX, "the tokenizer.json has more than " + IDS_MAX + " tokens");
            ids.set(id);
            parser.skipChildren();
        }
    }

    private void added() throws IOException, TokenizerRefusedException {
        while (parser.nextToken() == JsonToken.START_OBJECT) {
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                boolean isId = parser.currentName().equals("id");
                parser.nextToken();
                if (isId) {
                    ids.set(id());
                } else {
                    parser.skipChildren();
                }
            }
        }
    }

    private int id() throws IOException, TokenizerRefusedException {
        require(
                parser.currentToken() == JsonToken.VALUE_NUMBER_INT
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
