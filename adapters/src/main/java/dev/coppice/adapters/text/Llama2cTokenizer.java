package dev.coppice.adapters.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A tokenizer file of llama2.c as Hugging Face's tokenizer.json. The file: length of the longest piece (int32), and for
 * each piece its score (float32), its length (int32) and its UTF-8 bytes, all little-endian. Pieces 0 to 2 are unknown,
 * start and end, the next 256 the single bytes. Text is split by joining, again and again, the two neighbours whose
 * joint piece scores highest; what is no piece becomes bytes. So ranks of merges are scores in falling order.
 */
public final class Llama2cTokenizer {
    private static final int SPECIAL = 3;
    private static final int BYTES = 256;
    private static final int PIECES_MAX = 1 << 20;
    private static final int PIECE_BYTES_MAX = 1_024;
    private static final String SPACE = "\u2581";
    private static final List<String> SPECIAL_NAMES = List.of("<unk>", "<s>", "</s>");
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Two pieces that join to a third one. */
    private record Merge(String left, String right, float score, int leftId, int rightId) {}

    private Llama2cTokenizer() {}

    /**
     * The same tokenizer as a tokenizer.json.
     *
     * @throws TokenizerRefusedException naming the piece at which the file breaks its format
     */
    public static byte[] toJson(byte[] file) throws TokenizerRefusedException {
        List<String> pieces = new ArrayList<>();
        List<Float> scores = new ArrayList<>();
        read(ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN), pieces, scores);
        Map<String, Integer> ids = new HashMap<>();
        for (int id = 0; id < pieces.size(); id++) {
            if (ids.put(pieces.get(id), id) != null) {
                throw new TokenizerRefusedException("piece " + id + " of a llama2.c tokenizer occurs twice");
            }
        }
        return json(pieces, merges(pieces, scores, ids));
    }

    private static void read(ByteBuffer file, List<String> pieces, List<Float> scores)
            throws TokenizerRefusedException {
        require(file.remaining() >= Integer.BYTES, "is shorter than its header");
        file.getInt();
        while (file.hasRemaining()) {
            String at = "breaks off in piece " + pieces.size();
            require(pieces.size() < PIECES_MAX, "has more than " + PIECES_MAX + " pieces");
            require(file.remaining() >= Float.BYTES + Integer.BYTES, at);
            float score = file.getFloat();
            int length = file.getInt();
            require(Float.isFinite(score), "has a score of piece " + pieces.size() + " that is no number");
            require(
                    length >= 1 && length <= PIECE_BYTES_MAX,
                    "has a piece " + pieces.size() + " of " + length + " bytes");
            require(length <= file.remaining(), at);
            String piece = text(file.slice(file.position(), length), pieces.size());
            file.position(file.position() + length);
            pieces.add(pieces.size() < SPECIAL ? SPECIAL_NAMES.get(pieces.size()) : piece.replace(" ", SPACE));
            scores.add(score);
        }
        require(pieces.size() > SPECIAL + BYTES, "has only " + pieces.size() + " pieces");
        for (int b = 0; b < BYTES; b++) {
            String expected = String.format("<0x%02X>", b);
            require(pieces.get(SPECIAL + b).equals(expected), "has no " + expected + " as piece " + (SPECIAL + b));
        }
    }

    private static String text(ByteBuffer bytes, int piece) throws TokenizerRefusedException {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        } catch (CharacterCodingException e) {
            throw new TokenizerRefusedException("piece " + piece + " of a llama2.c tokenizer is no UTF-8", e);
        }
    }

    private static List<Merge> merges(List<String> pieces, List<Float> scores, Map<String, Integer> ids) {
        List<Merge> merges = new ArrayList<>();
        for (int id = SPECIAL + BYTES; id < pieces.size(); id++) {
            String piece = pieces.get(id);
            for (int cut = 1; cut < piece.length(); cut++) {
                Integer left = ids.get(piece.substring(0, cut));
                Integer right = ids.get(piece.substring(cut));
                if (left != null && right != null) {
                    merges.add(new Merge(piece.substring(0, cut), piece.substring(cut), scores.get(id), left, right));
                }
            }
        }
        merges.sort(Comparator.comparingDouble(Merge::score)
                .reversed()
                .thenComparingInt(Merge::leftId)
                .thenComparingInt(Merge::rightId));
        return merges;
    }

    private static byte[] json(List<String> pieces, List<Merge> merges) {
        ObjectNode root = JSON.createObjectNode().put("version", "1.0");
        root.putNull("truncation");
        root.putNull("padding");
        ArrayNode added = root.putArray("added_tokens");
        for (int id = 0; id < SPECIAL; id++) {
            TokenizerJson.addSpecial(added, id, pieces.get(id));
        }
        ArrayNode normalizers = sequence(root, "normalizer", "normalizers");
        normalizers.addObject().put("type", "Prepend").put("prepend", SPACE);
        replace(normalizers.addObject(), " ", SPACE);
        root.putNull("pre_tokenizer");
        startsWith(root.putObject("post_processor"), SPECIAL_NAMES.get(1), 1);
        ArrayNode decoders = sequence(root, "decoder", "decoders");
        replace(decoders.addObject(), SPACE, " ");
        decoders.addObject().put("type", "ByteFallback");
        decoders.addObject().put("type", "Fuse");
        decoders.addObject()
                .put("type", "Strip")
                .put("content", " ")
                .put("start", 1)
                .put("stop", 0);
        ObjectNode model = root.putObject("model").put("type", "BPE");
        model.putNull("dropout");
        model.put("unk_token", pieces.get(0));
        model.putNull("continuing_subword_prefix");
        model.putNull("end_of_word_suffix");
        model.put("fuse_unk", true).put("byte_fallback", true);
        ObjectNode vocabulary = model.putObject("vocab");
        for (int id = 0; id < pieces.size(); id++) {
            vocabulary.put(pieces.get(id), id);
        }
        ArrayNode pairs = model.putArray("merges");
        merges.forEach(merge -> pairs.add(merge.left() + " " + merge.right()));
        try {
            return JSON.writeValueAsString(root).getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of plain values is always JSON", e);
        }
    }

    private static ArrayNode sequence(ObjectNode root, String member, String parts) {
        return root.putObject(member).put("type", "Sequence").putArray(parts);
    }

    private static void replace(ObjectNode node, String pattern, String content) {
        node.put("type", "Replace").put("content", content).putObject("pattern").put("String", pattern);
    }

    /** A text starts with a token, where special tokens are asked for. */
    private static void startsWith(ObjectNode node, String token, int id) {
        node.put("type", "TemplateProcessing");
        template(node.putArray("single"), token, List.of("A"));
        template(node.putArray("pair"), token, List.of("A", "B"));
        ObjectNode special = node.putObject("special_tokens").putObject(token).put("id", token);
        special.putArray("ids").add(id);
        special.putArray("tokens").add(token);
    }

    private static void template(ArrayNode template, String token, List<String> texts) {
        for (int type = 0; type < texts.size(); type++) {
            template.addObject().putObject("SpecialToken").put("id", token).put("type_id", type);
            template.addObject()
                    .putObject("Sequence")
                    .put("id", texts.get(type))
                    .put("type_id", type);
        }
    }

    private static void require(boolean fits, String problem) throws TokenizerRefusedException {
        if (!fits) {
            throw new TokenizerRefusedException("a llama2.c tokenizer " + problem);
        }
    }
}
