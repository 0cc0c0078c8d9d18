package dev.coppice.simulator.online;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.adapters.format.Safetensors;
import dev.coppice.simulator.fleet.FleetMaterial;
import dev.coppice.simulator.operator.AdminClient;
import dev.coppice.simulator.operator.AdminRefusedException;
import dev.coppice.simulator.operator.TaskStatus;
import dev.coppice.simulator.scenario.ScenarioRefusedException;
import java.io.IOException;

/** The task that a fleet plays. One of our own is cancelled when it is closed, and when we are stopped before. */
final class PostedTask implements AutoCloseable {
    private final AdminClient admin;
    private final String id;
    private final TaskStatus begun;
    private final boolean isOurs;
    private final Thread hook;

    private PostedTask(AdminClient admin, String id, boolean isOurs) throws IOException, InterruptedException {
        this.admin = admin;
        this.id = id;
        this.begun = admin.status(id);
        this.isOurs = isOurs;
        this.hook = Thread.ofPlatform().unstarted(this::cancel);
        if (isOurs) {
            Runtime.getRuntime().addShutdownHook(hook);
        }
    }

    /** One that is there already, and stays. */
    @MustBeClosed
    static PostedTask joined(AdminClient admin, String id) throws IOException, InterruptedException {
        return new PostedTask(admin, id, false);
    }

    /**
     * One of our own.
     *
     * @throws ScenarioRefusedException if the aggregator does not take it, with its reason
     */
    @MustBeClosed
    static PostedTask post(AdminClient admin, ObjectNode definition, FleetMaterial material)
            throws IOException, InterruptedException, ScenarioRefusedException {
        try {
            admin.putBlob(Safetensors.write(material.initial()));
            String id = admin.post("/v1/admin/tasks", definition).path("taskId").asText();
            return new PostedTask(admin, id, true);
        } catch (AdminRefusedException e) {
            if (e.status() == 422) {
                throw new ScenarioRefusedException("task: " + e.getMessage(), e);
            }
            throw e;
        }
    }

    String id() {
        return id;
    }

    String skill() {
        return begun.skill();
    }

    /** Whose devices it is for. */
    String population() {
        return begun.population();
    }

    private void cancel() {
        try {
            admin.cancelTask(id);
        } catch (IOException e) {
            // it is over, or the aggregator is away: then its operator must
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        if (!isOurs) {
            return;
        }
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
            cancel();
        } catch (IllegalStateException e) {
            // the hook is at it
        }
    }
}
