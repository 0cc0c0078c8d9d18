package dev.coppice.aggregator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coppice.aggregator.fleet.AggregatorProcess;
import dev.coppice.aggregator.fleet.Device;
import dev.coppice.aggregator.fleet.Operator;
import dev.coppice.aggregator.fleet.Wire;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** docs/runbooks/device-deletion.md: the request as printed there. */
class ErasureTest {
    @TempDir
    Path folder;

    @Test
    void aDeviceThatWasDeletedIsNobodyAnyMore() throws Exception {
        try (AggregatorProcess aggregator = new AggregatorProcess(folder)) {
            Operator operator = aggregator.operator();
            Device device = operator.devices(1).getFirst();
            Wire wire = new Wire(List.of(aggregator.uri()));
            assertThat(wire.post("/v1/checkin", device.checkIn(System.currentTimeMillis()))
                            .statusCode())
                    .isEqualTo(200);
            String path = "/v1/admin/devices/" + device.id();
            assertThat(operator.send("DELETE", path, new byte[0]).statusCode()).isEqualTo(204);
            assertThat(operator.send("DELETE", path, new byte[0]).statusCode()).isEqualTo(404);
            assertThat(wire.post("/v1/checkin", device.checkIn(System.currentTimeMillis()))
                            .statusCode())
                    .isBetween(401, 403);
        }
    }
}
