package dev.coppice.simulator.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.adapters.runtime.EngineException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code coppice agent packs}. */
@Command(
        name = "packs",
        mixinStandardHelpOptions = true,
        description = "The installed skill pack; looks for a newer one, goes back, or stays with one.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  coppice agent packs --update       fetched, verified, tried on held-out texts, then installed",
            "  coppice agent packs --back         to the pack before",
            "  coppice agent packs --pin 3        stay with version 3 while release keys vouch for it; --update goes there",
            "  coppice agent packs --unpin        follow the rollout again",
            "  coppice agent packs --back-personal  to the personal adapter before, or to the pack alone"
        })
final class AgentPacksCommand extends AgentQuestion {
    @ArgGroup
    private @Nullable Change change;

    /** At most one of them. */
    static final class Change {
        @Option(names = "--update", description = "look for a newer pack")
        private boolean update;

        @Option(names = "--back", description = "go back to the pack before")
        private boolean back;

        @Option(names = "--back-personal", description = "go back to the personal adapter before")
        private boolean backPersonal;

        @Option(
                names = "--pin",
                paramLabel = "VERSION",
                description = "stay with this version, from the next update on")
        private @Nullable Long pin;

        @Option(names = "--unpin", description = "stay with none")
        private boolean unpin;
    }

    @Override
    JsonNode ask() throws IOException, InterruptedException, EngineException {
        if (change != null && change.update) {
            return ask("update", object());
        }
        if (change != null && change.back) {
            return ask("rollback", object().put("what", "pack"));
        }
        if (change != null && change.backPersonal) {
            return ask("rollback", object().put("what", "personal"));
        }
        if (change != null && change.pin != null) {
            return ask("pin", object().put("version", change.pin));
        }
        if (change != null && change.unpin) {
            return ask("unpin", object());
        }
        JsonNode status = ask("status", object());
        ObjectNode answer = object().put("pack", status.path("pack").asLong());
        if (status.has("pinned")) {
            answer.put("pinned", status.path("pinned").asLong());
        }
        return answer.put("answersFrom", status.path("answersFrom").asText());
    }
}
