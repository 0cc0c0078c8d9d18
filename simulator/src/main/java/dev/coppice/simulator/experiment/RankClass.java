package dev.coppice.simulator.experiment;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.ParameterLayout;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.lora.LoraSpec;
import dev.coppice.agent.training.Classroom;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Devices of one rank, at most the server's. Of every tensor they hold the leading part: of A the first rows, of B the first
 * columns, of what is no factor all. The product of the factors is multiplied with what the server's is.
 *
 * @param classroom where they train and are judged, of a kit of their rank
 * @param server how the server holds the adapter
 */
record RankClass(int rank, Classroom classroom, ParameterLayout server) {
    /** The same kit for another rank. Alpha goes with the rank, so that the scale of the adapter stays what it was. */
    static KitSpec cut(KitSpec spec, int rank) {
        LoraSpec lora = spec.lora();
        double part = (double) rank / lora.rank();
        LoraSpec own = new LoraSpec(
                rank,
                lora.alpha() * (lora.options().rankStabilized() ? Math.sqrt(part) : part),
                lora.targets(),
                lora.factors(),
                lora.seed(),
                lora.options());
        return new KitSpec(
                spec.task(), own, spec.objective(), spec.labels(), spec.batch(), spec.length(), spec.predictedMax());
    }

    private ParameterLayout own() {
        return classroom.kit().layout();
    }

    /** What these devices hold of the server's adapter. */
    AdapterWeights held(AdapterWeights whole) {
        float[] values = whole.toArray();
        float[] part = new float[own().count()];
        eachRow((from, to, count) -> System.arraycopy(values, from, part, to, count));
        return AdapterWeights.of(own(), part);
    }

    /** The server's adapter with what these devices hold of it replaced. */
    AdapterWeights replaced(AdapterWeights whole, AdapterWeights held) {
        float[] values = whole.toArray();
        float[] part = held.toArray();
        eachRow((to, from, count) -> System.arraycopy(part, from, values, to, count));
        return AdapterWeights.of(server, values);
    }

    /** Tensors of the server's adapter, as these devices have them. */
    List<TensorSpec> held(List<TensorSpec> tensors) {
        Set<String> names = tensors.stream().map(TensorSpec::name).collect(Collectors.toSet());
        return own().tensors().stream()
                .filter(tensor -> names.contains(tensor.name()))
                .toList();
    }

    /** Where a row, which is what lies along a tensor's last axis, begins at the server and here, and its length here. */
    private interface Row {
        void at(int server, int own, int count);
    }

    private void eachRow(Row row) {
        for (TensorSpec whole : server.tensors()) {
            TensorSpec held = held(List.of(whole)).getFirst();
            int at = server.offset(whole.name());
            int own = own().offset(whole.name());
            for (int i = 0; i < held.count() / width(held); i++) {
                row.at(at + i * width(whole), own + i * width(held), width(held));
            }
        }
    }

    private static int width(TensorSpec tensor) {
        return tensor.shape().isEmpty() ? 1 : tensor.shape().getLast();
    }
}
