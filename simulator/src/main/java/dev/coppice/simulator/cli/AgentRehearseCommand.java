package dev.coppice.simulator.cli;

import dev.coppice.adapters.kit.KitRefusedException;
import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.kit.Task;
import dev.coppice.adapters.lora.Factors;
import dev.coppice.adapters.lora.LoraSpec;
import dev.coppice.adapters.model.BaseModel;
import dev.coppice.adapters.model.ModelRefusedException;
import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.agent.Agent;
import dev.coppice.agent.AgentConfig;
import dev.coppice.agent.daemon.Commands;
import dev.coppice.agent.daemon.LocalDoor;
import dev.coppice.agent.daemon.Outcomes;
import dev.coppice.agent.policy.Consent;
import dev.coppice.agent.policy.WorkPolicy;
import dev.coppice.crypto.RandomSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code coppice agent rehearse}: has a device do what devices do, so that the launcher can keep the classes it takes. */
@Command(name = "rehearse", hidden = true, description = "For the launcher: plays a device in a folder of its own.")
final class AgentRehearseCommand implements Callable<Integer> {
    @Option(names = "--folder", required = true, description = "made, and left for the caller to delete")
    private Path folder = Path.of("");

    @Override
    public Integer call() throws IOException, InterruptedException, EngineException {
        Path root = Path.of(System.getProperty("coppice.root", "."));
        Files.createDirectories(folder);
        for (int start = 0; start < 2; start++) { // the first makes a home, the second finds one
            try (BaseModel model = BaseModel.open(root.resolve("models/pico"));
                    Agent agent = Agent.open(AgentConfig.builder(folder)
                            .baseModel(model)
                            .kitSpec(spec(model))
                            .policy(WorkPolicy.ANY_TIME)
                            .offline()
                            .build())) {
                play(agent, model);
            } catch (ModelRefusedException | KitRefusedException e) {
                throw new IOException(e.getMessage(), e);
            }
        }
        return 0;
    }

    private void play(Agent agent, BaseModel model) throws IOException, InterruptedException, EngineException {
        Outcomes outcomes = new Outcomes();
        agent.allow(Consent.LEARN);
        for (String label : model.config().labels()) {
            agent.addExample("please " + label.replace('_', ' '), label);
        }
        try (LocalDoor door = LocalDoor.open(folder, 0, agent, outcomes, RandomSource.secure())) {
            Commands commands = new Commands(agent, outcomes);
            for (String name : new String[] {"status", "predict", "train", "update", "round", "report"}) {
                System.out.println(commands.answer(name, AgentQuestion.object().put("text", "please the light")));
            }
            System.out.println(String.format(Locale.ROOT, "port %d, idle: %s", door.port(), agent.rest()));
        }
    }

    private static KitSpec spec(BaseModel model) {
        LoraSpec lora = new LoraSpec(4, 8, model.config().loraTargets(), Factors.B, 1);
        return new KitSpec(Task.TEXT_CLASSIFICATION, lora, model.config().labels(), 8, 24);
    }
}
