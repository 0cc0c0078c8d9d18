package dev.coppice.crypto.masking;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;

/**
 * The Harary graph of a group: devices stand on a ring in a random order, and those at most half a degree apart are
 * neighbours. Devices have their indices in the cohort.
 */
final class Ring {
    private final GroupParameters parameters;
    private final int[] deviceAt;
    private final int[] placeOf;
    private final BitSet members = new BitSet();

    /**
     * @param deviceAt members in the ring's order; not copied
     * @param placeOf by index in the cohort, the place of each member; that of others is not looked at. Not copied, so that
     *     all rings of a cohort share it
     */
    Ring(GroupParameters parameters, int[] deviceAt, int[] placeOf) {
        if (deviceAt.length != parameters.size()) {
            throw new IllegalArgumentException(
                    "%d devices where %d are due".formatted(deviceAt.length, parameters.size()));
        }
        this.parameters = parameters;
        this.deviceAt = deviceAt;
        this.placeOf = placeOf;
        for (int device : deviceAt) {
            members.set(device);
        }
    }

    GroupParameters parameters() {
        return parameters;
    }

    /** The members, ascending. */
    int[] ascending() {
        return members.stream().toArray();
    }

    /** Those of {@code devices} that are members. */
    BitSet in(BitSet devices) {
        BitSet here = (BitSet) devices.clone();
        here.and(members);
        return here;
    }

    /** Ascending. */
    List<Integer> neighbours(int index) {
        int size = deviceAt.length;
        int place = place(index);
        List<Integer> neighbours = new ArrayList<>(parameters.degree());
        int first = parameters.complete() ? 1 : size - parameters.degree() / 2;
        for (int step = 0; neighbours.size() < parameters.degree(); step++) {
            int distance = (first + step) % size;
            if (distance != 0) {
                neighbours.add(deviceAt[(place + distance) % size]);
            }
        }
        Collections.sort(neighbours);
        return neighbours;
    }

    /** All devices in ring order, beginning with one. */
    List<Integer> from(int index) {
        int place = place(index);
        List<Integer> order = new ArrayList<>(deviceAt.length);
        for (int step = 0; step < deviceAt.length; step++) {
            order.add(deviceAt[(place + step) % deviceAt.length]);
        }
        return order;
    }

    private int place(int index) {
        if (index < 0 || !members.get(index)) {
            throw new IllegalArgumentException("Not a member of the group: " + index);
        }
        return placeOf[index];
    }

    /**
     * The least number of members of {@code online} in any window of half a degree of consecutive places: between
     * two members of a window there is an edge, and from each window to the next.
     */
    int fewestInWindow(BitSet online) {
        int size = deviceAt.length;
        int width = parameters.degree() / 2;
        int count = 0;
        for (int place = 0; place < width; place++) {
            count += at(online, place);
        }
        int fewest = count;
        for (int place = 0; place < size; place++) {
            count += at(online, (place + width) % size) - at(online, place);
            fewest = Math.min(fewest, count);
        }
        return fewest;
    }

    private int at(BitSet online, int place) {
        return online.get(deviceAt[place]) ? 1 : 0;
    }
}
