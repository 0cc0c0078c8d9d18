package dev.coppice.adapters.lora;

import java.util.Collection;
import java.util.Set;

/**
 * The part of module paths that comes from exporting a model inside another module, as in
 * {@code m.model.layers.0.self_attn.q_proj}. PEFT does not know of it. A first segment that all paths share is a wrapper
 * if it does not begin the paths of any known architecture, but what follows it does.
 */
final class Wrapper {
    /** How paths begin in the models of Hugging Face's transformers: base models, their parts, and heads. */
    private static final Set<String> BEGINNINGS = Set.of(
            "model",
            "transformer",
            "gpt_neox",
            "backbone",
            "encoder",
            "decoder",
            "layers",
            "layer",
            "h",
            "blocks",
            "bert",
            "roberta",
            "distilbert",
            "albert",
            "electra",
            "deberta",
            "mpnet",
            "xlm_roberta",
            "lm_head",
            "embed_out",
            "cls",
            "classifier",
            "score",
            "pooler");

    private Wrapper() {}

    /** The prefix to take off, with its last dot; empty if there is none. */
    static String of(Collection<String> paths) {
        String prefix = "";
        while (!paths.isEmpty()) {
            String wrapper = prefix + segment(paths.iterator().next(), prefix) + ".";
            boolean begins = BEGINNINGS.contains(segment(wrapper, prefix));
            if (begins || !paths.stream().allMatch(path -> path.startsWith(wrapper))) {
                return "";
            }
            if (paths.stream().anyMatch(path -> BEGINNINGS.contains(segment(path, wrapper)))) {
                return wrapper;
            }
            prefix = wrapper;
        }
        return "";
    }

    private static String segment(String path, String prefix) {
        int end = path.indexOf('.', prefix.length());
        return path.substring(prefix.length(), end < 0 ? path.length() : end);
    }
}
