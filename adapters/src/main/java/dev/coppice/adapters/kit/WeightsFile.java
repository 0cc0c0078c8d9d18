package dev.coppice.adapters.kit;

/**
 * One file of frozen weights, shared by the graphs of a kit.
 *
 * @param name in the kit's folder
 * @param bytes its size
 * @param sha256 of all of it, 64 hex digits
 */
public record WeightsFile(String name, long bytes, String sha256) {
    /** @throws IllegalArgumentException if the name could lead out of the folder or stand for a file of another kind */
    public WeightsFile {
        boolean plain = name.matches("weights(\\.[A-Za-z0-9._-]{1,200})?");
        if (!plain || bytes < 0 || !sha256.matches("[0-9a-f]{64}")) {
            throw new IllegalArgumentException("no file of weights is described so");
        }
    }

    /** Whether this is a file of the base model, used in place, and not one that was made for the kit. */
    public boolean isOfTheModel() {
        return !name.equals(WeightsWriter.OWN);
    }
}
