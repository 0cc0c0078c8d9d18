package dev.coppice.adapters.lora;

/** Which of the two LoRA factors is trained. */
public enum Factors {
    /** B only; A is frozen at values drawn from the seed (FFA-LoRA, Sun et al. 2024): sums of updates stay linear. */
    B,
    /** A and B. */
    BOTH
}
