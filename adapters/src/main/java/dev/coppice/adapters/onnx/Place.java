package dev.coppice.adapters.onnx;

/**
 * Where a tensor's values lie, as ONNX's external data has it.
 *
 * @param file name of a file in the folder of the model
 * @param offset of the first byte
 * @param bytes how many there are
 */
public record Place(String file, long offset, long bytes) {
    /** @throws IllegalArgumentException if this can be no part of a file */
    public Place {
        if (file.isEmpty() || offset < 0 || bytes < 0 || offset > Long.MAX_VALUE - bytes) {
            throw new IllegalArgumentException("no part of a file lies there");
        }
    }

    /** The first byte after it. */
    public long end() {
        return offset + bytes;
    }
}
