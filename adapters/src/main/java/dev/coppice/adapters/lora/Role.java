package dev.coppice.adapters.lora;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a linear module does, told from its path alone; a name for it that fits every architecture. A projection that
 * makes queries, keys and values at once plays all three roles.
 */
enum Role {
    QUERY("q", "q_proj|query|q_lin|q|wq"),
    KEY("k", "k_proj|key|k_lin|k|wk"),
    VALUE("v", "v_proj|value|v_lin|v|wv"),
    /** Everything in an attention block, its output included. */
    ATTENTION("attention", ""),
    /** Everything in a numbered layer that is not attention. */
    MLP("mlp", ""),
    /** Every linear module but the output head, as PEFT has it. */
    ALL_LINEAR("all-linear", "");

    private static final Set<String> FUSED = Set.of("qkv_proj", "c_attn", "query_key_value", "qkv", "Wqkv", "W_pack");
    private static final Set<String> BLOCKS =
            Set.of("self_attn", "attn", "attention", "self_attention", "SelfAttention", "crossattention");

    private final String text;
    private final String names;

    Role(String text, String names) {
        this.text = text;
        this.names = names;
    }

    static Optional<Role> find(String text) {
        return Arrays.stream(values()).filter(role -> role.text.equals(text)).findFirst();
    }

    /** Whether a module that is not the output head plays this role. */
    boolean isPlayedBy(String path) {
        List<String> segments = List.of(path.split("\\.", -1));
        String last = segments.get(segments.size() - 1);
        boolean projects = FUSED.contains(last) || QUERY.isNamed(last) || KEY.isNamed(last) || VALUE.isNamed(last);
        boolean attends = projects || segments.stream().anyMatch(BLOCKS::contains);
        if (this == ATTENTION) {
            return attends;
        }
        if (this == MLP) {
            return !attends && segments.stream().anyMatch(segment -> segment.matches("\\d+"));
        }
        return this == ALL_LINEAR || isNamed(last) || FUSED.contains(last);
    }

    private boolean isNamed(String segment) {
        return segment.matches(names);
    }
}
