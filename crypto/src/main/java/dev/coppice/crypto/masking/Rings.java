package dev.coppice.crypto.masking;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The graphs of a cohort: all devices in one random order, cut into the rings of its groups. The order follows from the
 * cohort and its {@link Beacon}, which no single party chooses.
 */
final class Rings {
    private final List<Ring> rings = new ArrayList<>();
    private final int[] groupOf;

    Rings(CohortParameters parameters, RoundContext context) {
        Grouping grouping = parameters.grouping();
        int[] order = shuffled(parameters.size(), context.graphSeed());
        groupOf = new int[order.length];
        int[] placeOf = new int[order.length];
        for (int group = 0; group < grouping.groups(); group++) {
            int[] members = Arrays.copyOfRange(order, grouping.first(group), grouping.first(group + 1));
            for (int place = 0; place < members.length; place++) {
                groupOf[members[place]] = group;
                placeOf[members[place]] = place;
            }
            rings.add(new Ring(parameters.of(group), members, placeOf));
        }
    }

    /** The ring of a device. */
    Ring of(int index) {
        return rings.get(groupOf[index]);
    }

    int groupOf(int index) {
        return groupOf[index];
    }

    /** The rings of all groups, in their order. */
    List<Ring> all() {
        return rings;
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
