package dev.coppice.simulator.fleet;

import java.util.SortedMap;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * What comes together of the updates of a round, the same in whatever order they come: encoded ones by group mod 2^32, plain ones
 * in fixed point, or each by itself where a merge wants to see them. For any threads.
 */
final class Sums {
    private final SortedMap<Integer, RingSum> groups = new ConcurrentSkipListMap<>();
    private final SortedMap<Integer, float[]> each = new ConcurrentSkipListMap<>();
    private final FixedSum plain = new FixedSum();

    /** An encoded update. */
    void addEncoded(int group, int[] encoded) {
        add(group, encoded, 1);
    }

    /** A plain update. */
    void addPlain(float[] update) {
        plain.add(update);
    }

    /** A plain update that a merge wants to see. */
    void addWhole(int place, float[] update) {
        each.put(place, update);
    }

    /** All that came together elsewhere. */
    void addAll(Sums others) {
        others.groups.forEach((group, sum) -> add(group, sum.values(), sum.devices()));
        each.putAll(others.each);
        plain.add(others.plain.values(), others.plain.devices());
    }

    void add(int group, int[] values, int devices) {
        groups.computeIfAbsent(group, fresh -> new RingSum(values.length)).add(values, devices);
    }

    SortedMap<Integer, RingSum> groups() {
        return groups;
    }

    /** By places. */
    SortedMap<Integer, float[]> each() {
        return each;
    }

    FixedSum plain() {
        return plain;
    }

    /** How many updates came together. */
    int devices() {
        return groups.values().stream().mapToInt(RingSum::devices).sum() + each.size() + plain.devices();
    }
}
