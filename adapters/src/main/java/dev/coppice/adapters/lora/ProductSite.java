package dev.coppice.adapters.lora;

import ai.onnx.proto.OnnxMl.NodeProto;
import java.util.Optional;

/**
 * A product with a stored matrix, as the model's nodes have it.
 *
 * @param weight the initializer
 * @param bias the initializer that is added to the product and to no other
 * @param isEmbedding whether the matrix is also looked up in, as that of a tied output layer is
 */
record ProductSite(NodeProto node, String weight, Optional<String> bias, boolean isEmbedding) {}
