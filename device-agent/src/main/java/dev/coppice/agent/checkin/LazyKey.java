package dev.coppice.agent.checkin;

import dev.coppice.crypto.SecretBytes;
import dev.coppice.crypto.signing.SigningKey;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** A signing key that is made of its seed when it is first asked for: loading what that takes is a tenth of a second. Thread-safe. */
final class LazyKey implements AutoCloseable {
    private final SecretBytes seed;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable SigningKey key;

    /** @param seed closed with this */
    LazyKey(SecretBytes seed) {
        this.seed = seed;
    }

    /** The key; stays this object's. */
    SigningKey key() {
        lock.lock();
        try {
            SigningKey made = key;
            if (made == null) {
                made = seed.use(SigningKey::of);
                key = made;
            }
            return made;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            seed.close();
            if (key != null) {
                key.close();
            }
        } finally {
            lock.unlock();
        }
    }
}
