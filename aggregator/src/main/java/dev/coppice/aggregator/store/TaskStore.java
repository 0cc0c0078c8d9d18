package dev.coppice.aggregator.store;

import java.util.List;
import java.util.Optional;

/** Tasks. Every method is one transaction. For any number of threads and processes. */
public interface TaskStore {
    void addTask(StoredTask task);

    Optional<StoredTask> findTask(String taskId);

    /** All tasks, newest first. */
    List<StoredTask> tasks();

    /** Tasks that are older than one, newest first, so many at most; the newest ones if {@code olderThan} is empty. */
    List<StoredTask> tasks(String olderThan, int max);

    /** All tasks that are not over, oldest first. */
    List<StoredTask> unfinishedTasks();

    /**
     * Replaces a task.
     *
     * @return false, with nothing changed, unless it still has the version of {@code seen}
     */
    boolean replaceTask(StoredTask seen, StoredTask next);
}
