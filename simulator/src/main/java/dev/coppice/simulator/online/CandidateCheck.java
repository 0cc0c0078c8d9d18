package dev.coppice.simulator.online;

import dev.coppice.adapters.ParameterLayout;
import dev.coppice.adapters.format.FormatRefusedException;
import dev.coppice.adapters.format.Safetensors;
import dev.coppice.crypto.Sha256;
import dev.coppice.simulator.operator.AdminClient;
import java.io.IOException;

/** What is wrong with the adapter that a round made, as any device could find out. */
final class CandidateCheck {
    private final AdminClient aggregator;
    private final ParameterLayout layout;

    /** @param layout of the task's adapters */
    CandidateCheck(AdminClient aggregator, ParameterLayout layout) {
        this.aggregator = aggregator;
        this.layout = layout;
    }

    /** In words; empty if nothing is. */
    String fault(String sha256) throws InterruptedException {
        try {
            byte[] bytes = aggregator.blob(sha256);
            if (!Sha256.hex(bytes).equals(sha256)) {
                return "what is stored as " + sha256 + " has another hash";
            }
            Safetensors.read(bytes, layout);
            return "";
        } catch (FormatRefusedException e) {
            return "the adapter " + sha256 + " is none of the task's form: " + e.getMessage();
        } catch (IOException e) {
            return "the adapter " + sha256 + " cannot be had: " + OnlineRun.told(e);
        }
    }
}
