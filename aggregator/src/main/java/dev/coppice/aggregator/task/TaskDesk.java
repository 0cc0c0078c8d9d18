package dev.coppice.aggregator.task;

import com.google.protobuf.ByteString;
import dev.coppice.aggregator.store.BlobStore;
import dev.coppice.aggregator.store.StoredTask;
import dev.coppice.aggregator.store.StoredTask.State;
import dev.coppice.aggregator.store.TaskStore;
import dev.coppice.crypto.RandomSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Takes on tasks, and lets operators pause, resume, cancel and clone them. Nothing is stored before every rule was checked and the
 * noise was planned. For any number of threads and processes.
 */
public final class TaskDesk {
    private static final int ID_BYTES = 8;

    private final TaskStore tasks;
    private final TaskPlanner planner;
    private final RandomSource random;

    public TaskDesk(TaskStore tasks, BlobStore blobs, RandomSource random) {
        this.tasks = tasks;
        this.planner = new TaskPlanner(blobs);
        this.random = random;
    }

    /**
     * Stores a task, whose first round opens when its schedule says so.
     *
     * @param json a task definition
     * @throws TaskRefusedException with the reason, a budget that cannot be kept among them
     * @throws IOException if the initial adapter cannot be read
     */
    public StoredTask create(byte[] json) throws TaskRefusedException, IOException {
        TaskPlanner.Planned planned = planner.plan(json);
        StoredTask task = new StoredTask(
                "t-" + HexFormat.of().formatHex(random.bytes(ID_BYTES)),
                planned.definition().population(),
                planned.definition().baseModelSha256(),
                new String(json, StandardCharsets.UTF_8),
                planned.template().toByteString(),
                State.OPEN,
                planned.definition().initialAdapterSha256(),
                ByteString.EMPTY,
                ByteString.EMPTY,
                0);
        tasks.addTask(task);
        return task;
    }

    /**
     * The same of a definition with some changes.
     *
     * @param changes as for {@link #copy}
     */
    public StoredTask create(String json, byte[] changes) throws TaskRefusedException, IOException {
        return create(TaskJson.patched(json, changes).toString().getBytes(StandardCharsets.UTF_8));
    }

    /** What a task would cost; refused as {@link #create} would refuse it. */
    public TaskPlan validate(byte[] json) throws TaskRefusedException, IOException {
        TaskPlanner.Planned planned = planner.plan(json);
        return TaskPlan.of(planned.definition(), planned.template());
    }

    /**
     * Stores a task like another one but for some members.
     *
     * @param changes a JSON object whose members take the place of those of the definition, and take them out where they are null
     *     (merge patch, RFC 7396); empty for none
     * @return empty if there is no such task
     * @throws TaskRefusedException as {@link #create}
     */
    public Optional<StoredTask> copy(String taskId, byte[] changes) throws TaskRefusedException, IOException {
        Optional<StoredTask> original = tasks.findTask(taskId);
        if (original.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(create(original.get().definition(), changes));
    }

    /**
     * Lets no more rounds open. One that devices have joined goes on to its end.
     *
     * @return the task; empty if there is none
     * @throws TaskRefusedException if it is over
     */
    public Optional<StoredTask> pause(String taskId) throws TaskRefusedException {
        return change(taskId, State.PAUSED);
    }

    /** Lets rounds open again. Otherwise as {@link #pause}. */
    public Optional<StoredTask> resume(String taskId) throws TaskRefusedException {
        return change(taskId, State.OPEN);
    }

    /** Ends a task: a round that devices have joined goes on, since they may have paid for it. Otherwise as {@link #pause}. */
    public Optional<StoredTask> cancel(String taskId) throws TaskRefusedException {
        return change(taskId, State.CANCELLED);
    }

    private Optional<StoredTask> change(String taskId, State next) throws TaskRefusedException {
        while (true) {
            Optional<StoredTask> seen = tasks.findTask(taskId);
            if (seen.isEmpty() || seen.get().state() == next) {
                return seen;
            }
            if (seen.get().state().isOver()) {
                throw new TaskRefusedException("The task is "
                        + (seen.get().state() == State.CANCELLED ? "cancelled" : "completed")
                        + ": a clone of it could go on");
            }
            StoredTask changed = seen.get().in(next);
            if (tasks.replaceTask(seen.get(), changed)) {
                return Optional.of(changed);
            }
        }
    }
}
