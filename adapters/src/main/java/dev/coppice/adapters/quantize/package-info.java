/**
 * Makes frozen weights small: the matrices of a base model's products as whole numbers of 8 or 4 bits, so that adapters in
 * float32 can be trained on top (QLoRA; Dettmers et al. 2023). Reading such models is the graph's part, in {@code onnx}.
 */
@NullMarked
package dev.coppice.adapters.quantize;

import org.jspecify.annotations.NullMarked;
