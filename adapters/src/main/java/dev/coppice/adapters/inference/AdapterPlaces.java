package dev.coppice.adapters.inference;

import dev.coppice.adapters.lora.ModulePaths;
import dev.coppice.adapters.onnx.GraphRefusedException;
import dev.coppice.adapters.onnx.ModelEditor;
import dev.coppice.adapters.runtime.NativeTensor;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Where adapters go into an open model: inputs of its graph for factors and for tensors that are replaced. Where nothing
 * is fed the model is as it was. Thread-safe.
 */
final class AdapterPlaces {
    private final Purpose purpose;
    private final Map<String, ProductSite> sites = new LinkedHashMap<>();
    private final Map<String, List<Long>> replaceable = new HashMap<>();
    private final Map<String, Optional<ProductSite>> resolved = new ConcurrentHashMap<>();

    private AdapterPlaces(Purpose purpose) {
        this.purpose = purpose;
    }

    /**
     * Makes places in a model for these targets.
     *
     * @param paths of the model before anything was changed in it
     * @throws GraphRefusedException if the model has no product for some target
     */
    static AdapterPlaces in(ModelEditor model, ModulePaths paths, Purpose purpose, AdapterTargets targets) {
        AdapterPlaces places = new AdapterPlaces(purpose);
        places.addFactors(model, paths, targets);
        places.addReplaceable(model, targets);
        return places;
    }

    /**
     * What is to be fed for a stack, by the names of inputs.
     *
     * @throws IllegalArgumentException if the stack brings something that does not fit, or that has no place here
     */
    Map<String, NativeTensor> filled(AdapterStack stack) {
        Map<String, NativeTensor> fed = new HashMap<>();
        stack.parts().forEach((module, part) -> {
            ProductSite site = resolved.computeIfAbsent(module, this::resolve)
                    .orElseThrow(() -> new IllegalArgumentException(
                            "an adapter changes " + module + ", which the model was not opened for"));
            require(module, List.of((long) part.out(), (long) part.in()), List.of(site.out(), site.in()));
            fed.put(AdapterInputs.a(site.module()), part.a());
            fed.put(AdapterInputs.b(site.module()), part.b());
        });
        stack.whole().forEach((name, whole) -> replace(fed, name, whole));
        return fed;
    }

    private Optional<ProductSite> resolve(String module) {
        return sites.values().stream()
                .filter(site -> AdapterTargets.means(module, site.module()))
                .findFirst();
    }

    private void replace(Map<String, NativeTensor> fed, String name, AdapterStack.Whole tensor) {
        Optional<String> weight = replaceable.keySet().stream()
                .filter(known -> AdapterTargets.means(name, known))
                .findFirst();
        if (weight.isPresent()) {
            require(name, tensor.shape(), replaceable.getOrDefault(weight.get(), List.of()));
            fed.put(weight.get(), tensor.values());
        } else if (purpose == Purpose.CLASSIFY_ANEW && name.equals(AdapterTargets.HEAD)) {
            fed.put(name, tensor.values());
        } else if (purpose.classifies() || !AdapterTargets.isHead(name)) {
            throw new IllegalArgumentException("an adapter replaces " + name + ", which the model was not opened for");
        }
    }

    private void addFactors(ModelEditor model, ModulePaths paths, AdapterTargets targets) {
        List<ProductSite> found = ProductSites.of(model.build(), paths).stream()
                .filter(site -> targets.modules().stream().anyMatch(t -> AdapterTargets.means(t, site.module())))
                .toList();
        for (String target : targets.modules()) {
            if (found.stream().noneMatch(site -> AdapterTargets.means(target, site.module()))) {
                throw paths.refusal("the model has no product with a weight of " + target);
            }
        }
        new AdapterInputs(model, "", module -> 1).add(found);
        found.forEach(site -> sites.put(site.module(), site));
    }

    private void addReplaceable(ModelEditor model, AdapterTargets targets) {
        model.weights().forEach((weight, shape) -> {
            if (targets.whole().stream().anyMatch(target -> AdapterTargets.means(target, weight))) {
                model.makeInput(weight);
                replaceable.put(weight, shape);
            }
        });
    }

    private static void require(String name, List<Long> found, List<Long> expected) {
        if (!found.equals(expected)) {
            throw new IllegalArgumentException(
                    "an adapter takes " + name + " for " + found + " where the model has " + expected);
        }
    }
}
