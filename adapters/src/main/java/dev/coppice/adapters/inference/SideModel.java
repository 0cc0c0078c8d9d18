package dev.coppice.adapters.inference;

import ai.onnx.proto.OnnxMl.ModelProto;
import dev.coppice.adapters.lora.ModulePaths;
import dev.coppice.adapters.onnx.GraphRefusedException;
import dev.coppice.adapters.onnx.ModelEditor;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;

/**
 * Makes a model into one that takes adapters as ONNX Runtime's own LoRA support hands them over: the tensors of an
 * {@code .onnx_adapter} file are inputs of the graph, under PEFT's names and unscaled, and of rank 0 where no adapter is
 * active. The scale is the adapter's own, so that it is a constant of the graph: other adapters for the same graph have
 * to have the same.
 */
final class SideModel {
    /** What PEFT puts in front of every name. */
    static final String PREFIX = "base_model.model.";

    private SideModel() {}

    /** @throws GraphRefusedException if the model has no product for a module, or the adapter brings whole tensors */
    static ModelProto of(ModelProto model, Adapter adapter) {
        if (!adapter.whole().isEmpty()) {
            throw new GraphRefusedException("the adapter also brings "
                    + String.join(", ", adapter.whole().keySet()) + ", which cannot stand beside a model: merge it");
        }
        ModulePaths paths = ModulePaths.of(model);
        List<ProductSite> all = ProductSites.of(model, paths);
        SortedMap<String, Double> scales = adapter.scales();
        List<ProductSite> sites = new ArrayList<>();
        for (String module : scales.keySet()) {
            List<ProductSite> own =
                    all.stream().filter(site -> site.module().equals(module)).toList();
            if (own.isEmpty()) {
                throw paths.refusal("the model has no product with a weight of " + module);
            }
            sites.addAll(own);
        }
        ModelEditor editor = new ModelEditor(model);
        new AdapterInputs(editor, PREFIX, module -> scales.getOrDefault(module, 1.0)).add(sites);
        return editor.build();
    }
}
