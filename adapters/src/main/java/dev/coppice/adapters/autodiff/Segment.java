package dev.coppice.adapters.autodiff;

import dev.coppice.adapters.onnx.Call;
import dev.coppice.adapters.onnx.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Part of a forward pass, between two places where a single value crosses: in a transformer, half a layer.
 *
 * @param calls on the way from what is trained to the loss, in order
 * @param end the value that crosses from here to the next part; {@link Value#ABSENT} after the last
 */
record Segment(List<Call> calls, Value end) {
    /** A part is worth its own value kept only if it computes several times as much. */
    private static final int BYTES_PER_KEPT_BYTE = 4;

    Segment {
        calls = List.copyOf(calls);
    }

    /** Bytes of all that these calls compute. */
    static long bytes(List<Call> calls) {
        return calls.stream()
                .filter(call -> !call.op().equals("Reshape"))
                .flatMap(call -> call.outputs().stream())
                .mapToLong(output -> output.type().bytes())
                .sum();
    }

    static List<Segment> whole(List<Call> calls) {
        return List.of(new Segment(calls, Value.ABSENT));
    }

    /** Cuts a pass wherever one value of the usual size crosses (in a transformer, the residual stream). */
    static List<Segment> cut(List<Call> calls) {
        Map<Value, Integer> lastUse = new HashMap<>();
        for (int i = 0; i < calls.size(); i++) {
            for (Value input : calls.get(i).inputs()) {
                lastUse.put(input, i);
            }
        }
        Value[] crossing = crossing(calls, lastUse);
        long usual = usualBytes(calls, crossing);
        List<Segment> segments = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < calls.size(); i++) {
            List<Call> part = calls.subList(from, i + 1);
            if (crossing[i] != Value.ABSENT
                    && crossing[i].type().bytes() == usual
                    && bytes(part) >= BYTES_PER_KEPT_BYTE * usual) {
                segments.add(new Segment(part, crossing[i]));
                from = i + 1;
            }
        }
        segments.add(new Segment(calls.subList(from, calls.size()), Value.ABSENT));
        return segments;
    }

    /** After each call, the only value that later calls need; ABSENT where they need more than one. */
    private static Value[] crossing(List<Call> calls, Map<Value, Integer> lastUse) {
        Value[] crossing = new Value[calls.size()];
        Set<Value> live = new HashSet<>();
        for (int i = 0; i < crossing.length; i++) {
            int now = i;
            live.addAll(calls.get(i).outputs());
            live.removeIf(value -> lastUse.getOrDefault(value, -1) <= now);
            crossing[i] = live.size() == 1 ? live.iterator().next() : Value.ABSENT;
        }
        return crossing;
    }

    private static long usualBytes(List<Call> calls, Value[] crossing) {
        Map<Long, Integer> counts = new HashMap<>();
        for (int i = 0; i < crossing.length; i++) {
            if (crossing[i] != Value.ABSENT && !calls.get(i).op().equals("Reshape")) {
                counts.merge(crossing[i].type().bytes(), 1, Integer::sum);
            }
        }
        return counts.entrySet().stream()
                .max(Map.Entry.<Long, Integer>comparingByValue().thenComparing(Map.Entry.comparingByKey()))
                .map(Map.Entry::getKey)
                .orElse(Long.MAX_VALUE / BYTES_PER_KEPT_BYTE);
    }
}
