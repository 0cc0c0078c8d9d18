package dev.coppice.aggregator.round;

import dev.coppice.aggregator.store.InputLog.Shard;
import dev.coppice.crypto.masking.Cohort;

/**
 * How the inputs of a round are spread over shards: none has inputs of two groups, and a round of few groups has some for
 * each, so that several processes sum it up. The same in every process.
 */
record Shards(int groups, int perGroup) {
    private static final int IN_ALL = 4;

    static Shards of(Cohort cohort) {
        return new Shards(cohort.groups(), Math.max(1, IN_ALL / cohort.groups()));
    }

    int count() {
        return groups * perGroup;
    }

    /** Where a member's input belongs. */
    Shard shard(String roundId, Cohort cohort, String deviceId) {
        int group = cohort.groupOf(cohort.indexOf(deviceId));
        return new Shard(roundId, group * perGroup + Math.floorMod(deviceId.hashCode(), perGroup));
    }

    int group(Shard shard) {
        return shard.number() / perGroup;
    }
}
