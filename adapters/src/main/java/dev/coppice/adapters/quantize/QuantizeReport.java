package dev.coppice.adapters.quantize;

import java.util.List;

/**
 * What became of a model.
 *
 * @param products how many matrices are small now
 * @param bytesBefore of all weights
 * @param bytesAfter of all weights
 * @param files names of the files beside the new model that hold weights
 */
public record QuantizeReport(int products, long bytesBefore, long bytesAfter, List<String> files) {
    public QuantizeReport {
        files = List.copyOf(files);
    }
}
