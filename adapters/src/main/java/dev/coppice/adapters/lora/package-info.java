/** Where adapters go into a base model's graph, and what they start from. */
@NullMarked
package dev.coppice.adapters.lora;

import org.jspecify.annotations.NullMarked;
