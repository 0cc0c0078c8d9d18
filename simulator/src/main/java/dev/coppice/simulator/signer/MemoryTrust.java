package dev.coppice.simulator.signer;

import dev.coppice.crypto.trust.MetadataStore;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Trusted metadata that is forgotten with the process. For one thread at a time. */
public final class MemoryTrust implements MetadataStore {
    private final Map<String, byte[]> byRole = new HashMap<>();

    @Override
    public Optional<byte[]> find(String role) {
        return Optional.ofNullable(byRole.get(role)).map(byte[]::clone);
    }

    @Override
    public void keep(String role, byte[] file) {
        byRole.put(role, file.clone());
    }
}
