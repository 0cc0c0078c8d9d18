package dev.coppice.aggregator.round;

import dev.coppice.aggregator.store.Store;
import dev.coppice.aggregator.store.memory.MemoryStore;

class MemoryRoundLifeTest extends RoundLifeContract {
    @Override
    Store open(String name) {
        return new MemoryStore();
    }
}
