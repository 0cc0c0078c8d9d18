package dev.coppice.crypto.masking;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;

/**
 * The Harary graph of a cohort: devices stand on a ring in a random order, and those at most half a degree apart are
 * neighbours. The order follows from the cohort and its {@link Beacon}, which no single party chooses.
 */
final class Ring {
    private final CohortParameters parameters;
    private final int[] deviceAt;
    private final int[] placeOf;

    Ring(CohortParameters parameters, RoundContext context) {
        this.parameters = parameters;
        this.deviceAt = shuffled(parameters.size(), context.graphSeed());
        this.placeOf = new int[deviceAt.length];
        for (int place = 0; place < deviceAt.length; place++) {
            placeOf[deviceAt[place]] = place;
        }
    }

    CohortParameters parameters() {
        return parameters;
    }

    /** Ascending. */
    List<Integer> neighbours(int index) {
        int size = deviceAt.length;
        List<Integer> neighbours = new ArrayList<>(parameters.degree());
        int first = parameters.complete() ? 1 : size - parameters.degree() / 2;
        for (int step = 0; neighbours.size() < parameters.degree(); step++) {
            int distance = (first + step) % size;
            if (distance != 0) {
                neighbours.add(deviceAt[(placeOf[index] + distance) % size]);
            }
        }
        Collections.sort(neighbours);
        return neighbours;
    }

    /** All devices in ring order, beginning with one. */
    List<Integer> from(int index) {
        List<Integer> order = new ArrayList<>(deviceAt.length);
        for (int step = 0; step < deviceAt.length; step++) {
            order.add(deviceAt[(placeOf[index] + step) % deviceAt.length]);
        }
        return order;
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

    /** Fisher and Yates, each draw without bias. */
    private static int[] shuffled(int size, byte[] seed) {
        int[] order = new int[size];
        for (int i = 0; i < size; i++) {
            order[i] = i;
        }
        Draws draws = new Draws(seed, size);
        for (int i = size - 1; i > 0; i--) {
            int j = draws.below(i + 1);
            int moved = order[i];
            order[i] = order[j];
            order[j] = moved;
        }
        return order;
    }
}
