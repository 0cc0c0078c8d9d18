package dev.coppice.adapters.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.FunctionProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The functions that a model brings with it. */
final class Functions {
    private final Map<String, FunctionProto> byName = new HashMap<>();

    Functions(ModelProto model) {
        model.getFunctionsList()
                .forEach(function -> byName.put(key(function.getDomain(), function.getName()), function));
    }

    /** The function that a node calls, if it calls one. */
    Optional<FunctionProto> find(NodeProto node) {
        return Optional.ofNullable(byName.get(key(node.getDomain(), node.getOpType())));
    }

    /** The nodes of a function's body with the attributes of the node that calls it. */
    List<NodeProto> nodes(FunctionProto function, NodeProto caller) {
        Map<String, AttributeProto> given = new HashMap<>();
        function.getAttributeProtoList().forEach(attribute -> given.put(attribute.getName(), attribute));
        caller.getAttributeList().forEach(attribute -> given.put(attribute.getName(), attribute));
        return function.getNodeList().stream().map(node -> filled(node, given)).toList();
    }

    private static NodeProto filled(NodeProto node, Map<String, AttributeProto> given) {
        NodeProto.Builder filled = node.toBuilder().clearAttribute();
        for (AttributeProto attribute : node.getAttributeList()) {
            if (attribute.getRefAttrName().isEmpty()) {
                filled.addAttribute(attribute);
            } else if (given.containsKey(attribute.getRefAttrName())) {
                filled.addAttribute(
                        given.get(attribute.getRefAttrName()).toBuilder().setName(attribute.getName()));
            }
        }
        return filled.build();
    }

    private static String key(String domain, String name) {
        return Opsets.domain(domain) + ":" + name;
    }
}
