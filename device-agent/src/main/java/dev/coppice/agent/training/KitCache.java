package dev.coppice.agent.training;

import dev.coppice.adapters.kit.Kit;
import dev.coppice.adapters.kit.KitRefusedException;
import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.model.BaseModel;
import dev.coppice.crypto.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Training kits that this machine derived from its own base models, each made once and kept in a folder. May be
 * shared by all agents of a process; the folder also by several processes. Thread-safe.
 */
public final class KitCache {
    private final Path folder;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, Kit> open = new HashMap<>();

    /**
     * Keeps kits in a folder. Whoever can write there can change what is trained.
     *
     * @param folder made on first use; one for each version of this software
     */
    public KitCache(Path folder) {
        this.folder = folder;
    }

    /**
     * The kit that a spec gives on a base model. Takes seconds the first time.
     *
     * @throws KitRefusedException if the model does not allow it
     */
    public Kit kit(BaseModel model, KitSpec spec) throws IOException, KitRefusedException {
        String name = Sha256.hex(model.sha256().getBytes(StandardCharsets.US_ASCII), spec.toJson());
        lock.lock();
        try {
            Kit kit = open.get(name);
            if (kit == null) {
                kit = find(model, spec, folder.resolve(name));
                open.put(name, kit);
            }
            return kit;
        } finally {
            lock.unlock();
        }
    }

    /** Opens what was made before, with every hash checked; a kit that is damaged is made anew. */
    private static Kit find(BaseModel model, KitSpec spec, Path made) throws IOException, KitRefusedException {
        if (Files.isDirectory(made)) {
            try {
                Kit kit = Kit.open(made);
                if (kit.spec().equals(spec) && kit.modelSha256().equals(model.sha256())) {
                    return kit;
                }
            } catch (KitRefusedException e) {
                // made anew below
            }
        }
        Files.createDirectories(made.toAbsolutePath().getParent());
        return model.kit(spec, made);
    }
}
