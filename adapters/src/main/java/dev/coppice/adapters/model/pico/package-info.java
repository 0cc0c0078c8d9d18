/** The builder of small Phi-style decoders in ONNX. Draws weights and writes graphs; never trains or runs one. */
@NullMarked
package dev.coppice.adapters.model.pico;

import org.jspecify.annotations.NullMarked;
