/** Reverse-mode differentiation of ONNX graphs: one rule per operator; only what trainables need is computed. */
@NullMarked
package dev.coppice.adapters.autodiff;

import org.jspecify.annotations.NullMarked;
