package dev.coppice.aggregator.fleet;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.coppice.crypto.masking.VerifiedTerms;
import dev.coppice.protocol.round.RoundReply;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;

/** Many devices that go through one round at the same time. */
public final class Fleet {
    private final List<Device> devices;

    public Fleet(List<Device> devices) {
        this.devices = devices;
    }

    /** Lets all devices take part at once; what each heard last, in their order. */
    @CanIgnoreReturnValue
    public List<RoundReply> takePart(IntFunction<Device.Stop> stops, Device.Watcher watcher) throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<RoundReply>> replies = new ArrayList<>();
            for (int i = 0; i < devices.size(); i++) {
                Device device = devices.get(i);
                Device.Stop stop = stops.apply(i);
                replies.add(threads.submit(() -> device.takePart(round(device), stop, watcher)));
            }
            List<RoundReply> heard = new ArrayList<>();
            for (Future<RoundReply> reply : replies) {
                heard.add(result(reply));
            }
            return heard;
        }
    }

    private static RoundReply result(Future<RoundReply> reply) throws Exception {
        try {
            return reply.get(90, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IllegalStateException("A device failed", e.getCause());
        }
    }

    private static VerifiedTerms round(Device device) throws Exception {
        for (int i = 0; i < 300; i++) {
            Optional<VerifiedTerms> terms = device.findRound();
            if (terms.isPresent()) {
                return terms.get();
            }
            Wire.pause();
        }
        throw new IllegalStateException("No round opened");
    }
}
