package dev.coppice.aggregator.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * With each message of a device, and each batch of inputs, the database looks up what these devices did in the round, and at each
 * check-in how many hold an offer. In a cohort of thousands it must not read what everybody did.
 */
class PlanTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {RoundTable.STEPS_OF_DEVICE, InputBatch.STEPS_OF_DEVICES})
    void stepsAreFoundByRoundAndDeviceTogether(String query) throws SQLException {
        String plan = planOf(query);

        assertThat(plan)
                .containsPattern("/\\* PUBLIC\\.STEP_OF_DEVICE: ROUND_ID = \\?1\\s+AND DEVICE_ID (= \\?2|IN\\(\\))");
    }

    @Test
    void offersAreCountedByTheirTime() throws SQLException {
        assertThat(planOf(RoundTable.OUTSTANDING))
                .containsPattern("/\\* PUBLIC\\.ROUND_OFFER_WHEN: ROUND_ID = \\?1\\s+AND OFFERED >= \\?2");
    }

    private String planOf(String query) throws SQLException {
        try (HikariDataSource source = Database.embedded(folder.resolve("coppice"));
                Connection connection = source.getConnection();
                PreparedStatement explain = connection.prepareStatement("explain " + query);
                ResultSet plan = explain.executeQuery()) {
            plan.next();
            return plan.getString(1);
        }
    }
}
