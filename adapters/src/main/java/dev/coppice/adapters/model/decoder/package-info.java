/**
 * The one builder of Llama-style decoders in ONNX, for models trained here and for imported ones. Writes graphs; never
 * reads files, trains or runs anything.
 */
@NullMarked
package dev.coppice.adapters.model.decoder;

import org.jspecify.annotations.NullMarked;
