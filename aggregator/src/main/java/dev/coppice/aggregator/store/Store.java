package dev.coppice.aggregator.store;

/** All that an aggregator remembers, but for its blobs and keys. */
public interface Store
        extends TaskStore,
                RoundStore,
                InputStore,
                LedgerStore,
                FaultStore,
                EnrolmentStore,
                FleetStore,
                RepositoryStore,
                LeaseStore,
                EventStore,
                RetentionStore,
                HaltStore,
                AuditStore,
                AnswerStore {}
