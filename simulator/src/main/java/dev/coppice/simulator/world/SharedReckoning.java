package dev.coppice.simulator.world;

import com.google.protobuf.ByteString;
import dev.coppice.crypto.masking.Reckoning;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.VerifyingKey;
import java.security.InvalidKeyException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Reckoning that all devices of a simulation share: that a signature holds is found out by the first who asks, and what two keys
 * agree on by the first of the two, where devices of their own would each reckon for themselves. What they are told is the same.
 * It is remembered by all that it depends on; when there is too much, all is forgotten. <b>It protects nothing</b>: the secrets of
 * all devices are in here. For any number of threads.
 */
public final class SharedReckoning implements Reckoning {
    private final Reckoning real;
    private final int most;
    private final Set<Held> held = ConcurrentHashMap.newKeySet();
    private final Map<Pair, ByteString> agreed = new ConcurrentHashMap<>();

    private record Held(VerifyingKey key, Purpose purpose, ByteString message, ByteString signature) {}

    /** Two public keys, the lower one first. */
    private record Pair(ByteString lower, ByteString higher) {
        static Pair of(byte[] one, byte[] other) {
            ByteString first = ByteString.copyFrom(one);
            ByteString second = ByteString.copyFrom(other);
            return ByteString.unsignedLexicographicalComparator().compare(first, second) < 0
                    ? new Pair(first, second)
                    : new Pair(second, first);
        }
    }

    /**
     * Nothing is known yet.
     *
     * @param real who is asked
     * @param most things of either kind that are remembered, some hundred bytes each; at least 1
     */
    public SharedReckoning(Reckoning real, int most) {
        this.real = real;
        this.most = most;
    }

    @Override
    public boolean verifies(VerifyingKey key, Purpose purpose, byte[] message, byte[] signature) {
        Held asked = new Held(key, purpose, ByteString.copyFrom(message), ByteString.copyFrom(signature));
        if (held.contains(asked)) {
            return true;
        }
        boolean holds = real.verifies(key, purpose, message, signature);
        if (holds) {
            if (held.size() >= most) {
                held.clear();
            }
            held.add(asked);
        }
        return holds;
    }

    /** Remembered from the first of the two to the second: nobody asks again then. */
    @Override
    public byte[] agree(byte[] secret, byte[] own, byte[] theirs) throws InvalidKeyException {
        Pair pair = Pair.of(own, theirs);
        ByteString known = agreed.remove(pair);
        if (known != null) {
            return known.toByteArray();
        }
        byte[] fresh = real.agree(secret, own, theirs);
        if (agreed.size() >= most) {
            agreed.clear();
        }
        agreed.put(pair, ByteString.copyFrom(fresh));
        return fresh;
    }
}
