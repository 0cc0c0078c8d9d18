package dev.coppice.agent;

import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.agent.upload.Transport;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Several agents that take part at once, each on a thread of its own. */
final class Fleet implements AutoCloseable {
    private final List<Agent> agents = new ArrayList<>();

    /**
     * Opens agents.
     *
     * @param transports one for each agent
     */
    @MustBeClosed
    @SuppressWarnings("MustBeClosed") // closed with the fleet
    Fleet(TestWorld world, PrivacyBudget budget, List<Transport> transports) throws Exception {
        for (int i = 0; i < transports.size(); i++) {
            agents.add(world.agent("agent-" + i, transports.get(i), budget));
        }
    }

    Agent agent(int index) {
        return agents.get(index);
    }

    List<Agent> agents() {
        return List.copyOf(agents);
    }

    List<Participation> takePart() throws Exception {
        return takePart(agents);
    }

    /** The same with one more. */
    List<Participation> takePartWith(Agent another) throws Exception {
        List<Agent> all = new ArrayList<>(agents);
        all.add(another);
        return takePart(all);
    }

    private static List<Participation> takePart(List<Agent> all) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(all.size());
        try {
            List<Future<Participation>> running = new ArrayList<>();
            for (Agent agent : all) {
                running.add(threads.submit(agent::takePart));
            }
            List<Participation> results = new ArrayList<>();
            for (Future<Participation> result : running) {
                results.add(result.get(60, TimeUnit.SECONDS));
            }
            return results;
        } finally {
            threads.shutdownNow();
        }
    }

    @Override
    public void close() throws IOException {
        for (Agent agent : agents) {
            agent.close();
        }
    }
}
