/** Makes base models: a tokenizer and all weights of a small decoder, trained from texts with our own engine. */
@NullMarked
package dev.coppice.simulator.pretraining;

import org.jspecify.annotations.NullMarked;
