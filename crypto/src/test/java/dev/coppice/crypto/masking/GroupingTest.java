package dev.coppice.crypto.masking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GroupingTest {
    @ParameterizedTest
    @CsvSource({"100,0,1", "100,64,1", "100,50,2", "127,64,1", "128,64,2", "1000,64,15", "9999,100,99"})
    void groupsAreAsManyAsHaveTheirSizeAndDifferByOneDevice(int cohort, int groupSize, int groups) {
        Grouping grouping = Grouping.of(cohort, groupSize);
        assertThat(grouping.groups()).isEqualTo(groups);
        int all = 0;
        for (int group = 0; group < groups; group++) {
            assertThat(grouping.first(group)).isEqualTo(all);
            assertThat(grouping.size(group)).isBetween(grouping.sizeMin(), grouping.sizeMax());
            all += grouping.size(group);
        }
        assertThat(all).isEqualTo(cohort);
        assertThat(grouping.sizeMin()).isGreaterThanOrEqualTo(groupSize);
        assertThat(grouping.sizeMax() - grouping.sizeMin()).isBetween(0, 1);
    }

    /** Against the exact tail, of which the bound is an upper one. */
    @ParameterizedTest
    @CsvSource({"128,64,0.05", "1000,64,0.05", "1000,100,0.2", "10000,64,0.05", "10000,128,0.1", "300,100,0.33"})
    void noGroupHasMoreBadDevicesThanReckonedButForAChanceOf2ToTheMinus42(int cohort, int groupSize, double rate) {
        Grouping grouping = Grouping.of(cohort, groupSize);
        int size = grouping.sizeMin();
        int exact = new Hypergeometric(cohort, Rates.floor(rate, cohort), size)
                .upperQuantile(Math.scalb(1.0, -42) / grouping.groups());
        assertThat(grouping.badMax(size, rate)).isBetween(exact, exact + 10);
    }

    @Test
    void oneGroupHasAllTheBadDevicesAndSeveralNoMoreThanThereAre() {
        assertThat(Grouping.of(1000, 0).badMax(1000, 0.05)).isEqualTo(50);
        assertThat(Grouping.of(100, 50).badMax(50, 0.05)).isEqualTo(5);
        assertThat(Grouping.of(100, 50).badMax(50, 0)).isZero();
        assertThat(Grouping.of(100, 50).badMax(50, 0.99)).isEqualTo(50);
        assertThat(Grouping.of(10_000, 64).badMax(64, 0.05)).isBetween(20, 28);
    }

    @Test
    void whatCannotBeDividedIsRefused() {
        assertThatThrownBy(() -> new Grouping(10, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Grouping(10, 11)).isInstanceOf(IllegalArgumentException.class);
        // 64 devices with up to 22 bad ones: half of them may drop out in no graph
        assertThatThrownBy(() -> CohortParameters.search(10_000, 64, 0.05, 0.3))
                .isInstanceOf(CohortRefusedException.class);
    }
}
