package dev.coppice.aggregator.round;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.coppice.aggregator.round.RoundWorld.Actor;
import dev.coppice.aggregator.store.AbortReason;
import dev.coppice.aggregator.store.Phase;
import dev.coppice.aggregator.store.Store;
import dev.coppice.aggregator.store.folder.InputFolder;
import dev.coppice.aggregator.store.jdbc.Database;
import dev.coppice.aggregator.store.jdbc.JdbcStore;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EmbeddedRoundLifeTest extends RoundLifeContract {
    private @Nullable HikariDataSource database;

    @Override
    Store open(String name) {
        close();
        HikariDataSource opened = Database.embedded(folder.resolve(name));
        database = opened;
        return new JdbcStore(opened, new InputFolder(folder.resolve(name + "-inputs")));
    }

    private Path inputs() {
        return folder.resolve("test-inputs").resolve(world.round(1).id());
    }

    private void untilMasked() throws Exception {
        world.all(0, 10, Actor::advertise);
        world.all(0, 10, Actor::share);
        world.all(0, 10, Actor::mask);
    }

    @Test
    void maskedInputsAreInAFileThatGoesWithTheRound() throws Exception {
        untilMasked();
        assertThat(inputs()).isNotEmptyFile();
        world.all(0, 10, Actor::attest);
        world.all(0, 10, Actor::unmask);
        assertThat(world.counts(world.round(1))).containsOnly(1);
        assertThat(inputs()).doesNotExist();
    }

    @Test
    void anAbandonedRoundLeavesNoFileBehind() throws Exception {
        world.all(0, 10, Actor::advertise);
        world.all(0, 10, Actor::share);
        world.all(0, 2, Actor::mask);
        assertThat(inputs()).isNotEmptyFile();
        world.deadline();
        assertThat(world.round(1).phase()).isEqualTo(Phase.ABORTED);
        assertThat(inputs()).doesNotExist();
    }

    @Test
    void aRoundWhoseInputsAreDamagedIsAbandoned() throws Exception {
        untilMasked();
        byte[] bytes = Files.readAllBytes(inputs());
        bytes[bytes.length / 2] ^= 1;
        Files.write(inputs(), bytes);
        world.all(0, 10, Actor::attest);
        world.all(0, 10, Actor::unmask);
        world.keeper.tick();
        assertThat(world.round(1).reason()).isEqualTo(AbortReason.INPUTS_MISSING);
        assertThat(inputs()).doesNotExist();
    }

    @AfterEach
    void close() {
        if (database != null) {
            database.close();
        }
    }
}
