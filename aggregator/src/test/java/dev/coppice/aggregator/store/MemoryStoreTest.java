package dev.coppice.aggregator.store;

import dev.coppice.aggregator.store.memory.MemoryStore;

class MemoryStoreTest extends StoreContract {
    @Override
    Store open() {
        return new MemoryStore();
    }
}
