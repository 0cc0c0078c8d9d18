package dev.coppice.simulator.world;

import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.adapters.kit.KitRefusedException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/** All devices of a run, each doing its work on a virtual thread of its own. */
public final class Fleet implements AutoCloseable {
    /** Devices that talk or write at once where the work is not a round: a fleet that comes all at once helps nobody. */
    private static final int AT_ONCE = 64;

    private final List<VirtualDevice> devices;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    private Fleet(List<VirtualDevice> devices) {
        this.devices = List.copyOf(devices);
    }

    /** Makes the device of an index. */
    @FunctionalInterface
    public interface Factory {
        @MustBeClosed
        VirtualDevice device(int index) throws IOException, KitRefusedException;
    }

    /** What each device does. */
    @FunctionalInterface
    public interface Work<T> {
        T with(VirtualDevice device) throws Exception;
    }

    /** Told that one more device is done with its work. */
    @FunctionalInterface
    public interface OneMore {
        void done(VirtualDevice device);
    }

    /** Opens that many devices. */
    @MustBeClosed
    @SuppressWarnings("MustBeClosed") // closed with the fleet, or here if one does not open
    public static Fleet open(int count, Factory factory) throws IOException, KitRefusedException {
        List<VirtualDevice> devices = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                devices.add(factory.device(i));
            }
            return new Fleet(devices);
        } catch (IOException | KitRefusedException e) {
            for (VirtualDevice device : devices) {
                device.close();
            }
            throw e;
        }
    }

    public int size() {
        return devices.size();
    }

    public List<VirtualDevice> devices() {
        return devices;
    }

    /**
     * Lets every device do something, a limited number at once, and waits for all.
     *
     * @return what came of it, in the devices' order
     * @throws IOException when a device failed, with its reason
     */
    public <T> List<T> each(Work<T> work, OneMore progress) throws IOException, InterruptedException {
        Semaphore turns = new Semaphore(AT_ONCE);
        return all(start(
                device -> {
                    turns.acquire();
                    try {
                        return work.with(device);
                    } finally {
                        turns.release();
                    }
                },
                progress));
    }

    /** Lets every device start something at once, without waiting. */
    public <T> List<Future<T>> start(Work<T> work, OneMore ended) {
        List<Future<T>> started = new ArrayList<>();
        for (VirtualDevice device : devices) {
            started.add(threads.submit(() -> {
                try {
                    return work.with(device);
                } finally {
                    ended.done(device);
                }
            }));
        }
        return started;
    }

    /** Waits for what was started. */
    public static <T> List<T> all(List<Future<T>> started) throws IOException, InterruptedException {
        List<T> results = new ArrayList<>();
        for (Future<T> future : started) {
            try {
                results.add(future.get());
            } catch (ExecutionException e) {
                throw new IOException("device " + results.size() + " failed: " + reason(e.getCause()), e.getCause());
            }
        }
        return results;
    }

    /** Our own words where there are any; the file system's exceptions name a path and little else. */
    private static String reason(@Nullable Throwable cause) {
        if (cause instanceof IOException failure && !(failure instanceof FileSystemException)) {
            String message = failure.getMessage();
            if (message != null) {
                return message;
            }
        }
        return String.valueOf(cause);
    }

    @Override
    public void close() throws IOException {
        threads.shutdownNow();
        for (VirtualDevice device : devices) {
            device.close();
        }
    }
}
