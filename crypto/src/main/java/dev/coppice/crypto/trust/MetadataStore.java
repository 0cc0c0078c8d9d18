package dev.coppice.crypto.trust;

import java.io.IOException;
import java.util.Optional;

/** The metadata that a client trusts, kept from one look at the repository to the next. */
public interface MetadataStore {
    /** What was kept last for a role. */
    Optional<byte[]> find(String role) throws IOException;

    /** Keeps metadata, durably: older versions are refused from now on. */
    void keep(String role, byte[] file) throws IOException;
}
