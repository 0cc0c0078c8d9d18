package dev.coppice.aggregator.release;

import dev.coppice.crypto.trust.HolderKeys;
import dev.coppice.crypto.trust.OnlineRole;
import dev.coppice.crypto.trust.Role;
import dev.coppice.crypto.trust.Signatory;
import java.util.Map;
import java.util.TreeMap;

/** The keys that this process signs metadata with: one holder for each role that says what is the latest. */
public record OnlineKeys(Signatory snapshot, Signatory timestamp, Signatory candidates, Signatory rollout)
        implements AutoCloseable {
    /** The public halves, by role: what an operator names in the root and in delegations. */
    public Map<String, HolderKeys> publicKeys() {
        Map<String, HolderKeys> keys = new TreeMap<>();
        keys.put(Role.SNAPSHOT.key(), snapshot.keys());
        keys.put(Role.TIMESTAMP.key(), timestamp.keys());
        keys.put(OnlineRole.CANDIDATES.key(), candidates.keys());
        keys.put(OnlineRole.ROLLOUT.key(), rollout.keys());
        return keys;
    }

    @Override
    public void close() {
        snapshot.close();
        timestamp.close();
        candidates.close();
        rollout.close();
    }
}
