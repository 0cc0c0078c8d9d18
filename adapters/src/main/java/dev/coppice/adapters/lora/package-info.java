/**
 * Where adapters go into a base model's graph, and what they start from: {@code ModulePaths} finds which module each
 * product belongs to, {@code LoraSpec} says which are meant, {@code LoraInjection} adds the factors.
 */
@NullMarked
package dev.coppice.adapters.lora;

import org.jspecify.annotations.NullMarked;
