/**
 * Models as Hugging Face's transformers stores them (config.json, safetensors, tokenizer) made into base models. Refuses
 * what it does not know rather than guessing; never runs code from a folder.
 */
@NullMarked
package dev.coppice.adapters.model.huggingface;

import org.jspecify.annotations.NullMarked;
