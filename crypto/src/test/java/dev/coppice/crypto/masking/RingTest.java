package dev.coppice.crypto.masking;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coppice.testkit.SeededBytes;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Where devices stand on the ring: the same for all who see one root, and not to be foretold without it. */
class RingTest {
    private static final int DRAWS = 3_000;

    private final SeededBytes random = new SeededBytes(18);

    /** Ids are given out by others: were the order theirs, one could choose a victim's neighbours at enrolment. */
    @Test
    void everyOrderOfTheRingIsEquallyLikely() {
        GroupParameters parameters = new GroupParameters(4, 0, 2, 2);
        int[][] follows = new int[4][4];
        for (int draw = 0; draw < DRAWS; draw++) {
            Ring ring = ring(parameters);
            for (int device = 0; device < 4; device++) {
                follows[device][ring.from(device).get(1)]++;
            }
        }
        for (int device = 0; device < 4; device++) {
            for (int next = 0; next < 4; next++) {
                if (next == device) {
                    assertThat(follows[device][next]).isZero();
                } else { // 1,000 expected, deviation 26
                    assertThat(follows[device][next])
                            .as("%d after %d", next, device)
                            .isBetween(840, 1160);
                }
            }
        }
    }

    @Test
    void neighboursAreThoseWithinHalfADegreeOnEitherSide() {
        Ring ring = ring(new GroupParameters(11, 0, 4, 3));
        List<Integer> order = ring.from(0);
        assertThat(ring.neighbours(0))
                .containsExactlyInAnyOrder(order.get(1), order.get(2), order.get(9), order.get(10))
                .isSorted();
        for (int device = 0; device < 11; device++) {
            for (int neighbour : ring.neighbours(device)) {
                assertThat(ring.neighbours(neighbour)).contains(device);
            }
        }
    }

    private Ring ring(GroupParameters parameters) {
        byte[] root = new byte[32];
        random.fill(root);
        return ring(parameters, root);
    }

    /** The ring of a cohort that is one group. */
    static Ring ring(GroupParameters parameters, byte[] root) {
        CohortParameters cohort = new CohortParameters(new Grouping(parameters.size(), 1), parameters, parameters);
        return new Rings(cohort, new RoundContext(new byte[32], root)).of(0);
    }
}
