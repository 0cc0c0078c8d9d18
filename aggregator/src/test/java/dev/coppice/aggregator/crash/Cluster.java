package dev.coppice.aggregator.crash;

import dev.coppice.aggregator.fleet.AggregatorProcess;
import dev.coppice.aggregator.fleet.Operator;
import dev.coppice.aggregator.fleet.Wire;
import dev.coppice.aggregator.store.Postgres;
import dev.coppice.aggregator.store.kafka.BrokerProcess;
import dev.coppice.testkit.Broker;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Replicas, a broker and a database, and a link between each replica and the two others. */
final class Cluster implements AutoCloseable {
    static final int REPLICAS = 3;

    private final DatabaseProcess database;
    private final BrokerProcess broker;
    private final List<AggregatorProcess> replicas = new ArrayList<>();
    private final List<FaultyLink> links = new ArrayList<>();

    Cluster(Path folder) throws Exception {
        database = new DatabaseProcess(folder.resolve("database"));
        Map<Integer, Integer> advertised = new TreeMap<>();
        List<FaultyLink> toBroker = new ArrayList<>();
        for (int i = 0; i < REPLICAS; i++) {
            int port = Broker.freePort();
            FaultyLink link = new FaultyLink(port);
            toBroker.add(link);
            advertised.put(port, link.port());
        }
        broker = new BrokerProcess(folder.resolve("broker"), advertised);
        Map<String, String> account =
                Map.of("COPPICE_DATABASE_USER", Postgres.USER, "COPPICE_DATABASE_PASSWORD", Postgres.PASSWORD);
        for (int i = 0; i < REPLICAS; i++) {
            FaultyLink toDatabase = new FaultyLink(database.port());
            links.add(toDatabase);
            links.add(toBroker.get(i));
            List<String> options = List.of(
                    "--database",
                    "jdbc:postgresql://127.0.0.1:" + toDatabase.port() + "/coppice",
                    "--secrets",
                    folder.resolve("secrets").toString(),
                    "--blobs",
                    folder.resolve("blobs").toString(),
                    "--kafka",
                    "127.0.0.1:" + toBroker.get(i).port());
            replicas.add(new AggregatorProcess(folder.resolve("replica-" + i), options, account));
        }
    }

    DatabaseProcess database() {
        return database;
    }

    BrokerProcess broker() {
        return broker;
    }

    List<AggregatorProcess> replicas() {
        return replicas;
    }

    List<FaultyLink> links() {
        return links;
    }

    /** Asks the replicas in turn. */
    Operator operator() throws IOException {
        return new Operator(
                new Wire(replicas.stream().map(AggregatorProcess::uri).toList()),
                replicas.getFirst().token());
    }

    @Override
    public void close() throws IOException {
        replicas.forEach(AggregatorProcess::close);
        broker.close();
        for (FaultyLink link : links) {
            link.close();
        }
        database.close();
    }
}
