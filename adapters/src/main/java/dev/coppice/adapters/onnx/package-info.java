/** ONNX graphs: read, built, given static shapes, written. Pure Java over the protobuf classes; never runs a graph. */
@NullMarked
package dev.coppice.adapters.onnx;

import org.jspecify.annotations.NullMarked;
