package dev.coppice.simulator.world;

import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.adapters.kit.KitRefusedException;
import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.adapters.text.Example;
import dev.coppice.agent.Agent;
import dev.coppice.agent.AgentConfig;
import dev.coppice.agent.Evaluation;
import dev.coppice.agent.Installation;
import dev.coppice.agent.Participation;
import dev.coppice.agent.Personalization;
import dev.coppice.agent.Source;
import dev.coppice.agent.policy.Consent;
import dev.coppice.agent.upload.ServerRefusedException;
import dev.coppice.crypto.signing.SignatureRefusedException;
import dev.coppice.simulator.population.Person;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * One device: a person, the network as the device sees it, and the real agent with a home of its own. One thread at a
 * time.
 */
public final class VirtualDevice implements AutoCloseable {
    private final int index;
    private final Person person;
    private final SwitchedRandom random;
    private final DeviceNetwork network;
    private final AgentConfig config;
    private Agent agent;
    private boolean vanished;

    /**
     * Opens the device's agent.
     *
     * @param random what {@code config} draws from
     * @param network what {@code config} speaks through
     */
    @MustBeClosed
    @SuppressWarnings("MustBeClosed") // closed with the device
    public VirtualDevice(int index, Person person, SwitchedRandom random, DeviceNetwork network, AgentConfig config)
            throws IOException, KitRefusedException {
        this.index = index;
        this.person = person;
        this.random = random;
        this.network = network;
        this.config = config;
        this.agent = Agent.open(config);
        agent.allow(Consent.LEARN);
        agent.allow(Consent.CONTRIBUTE);
    }

    public int index() {
        return index;
    }

    public DeviceNetwork network() {
        return network;
    }

    /** The person's texts reach the device; the held-out ones never do. */
    public void learnTexts() throws IOException {
        random.switchTo("texts");
        List<Example> texts = new ArrayList<>(person.train());
        texts.addAll(person.validation());
        agent.addExamples(new Dice(random).shuffled(texts));
    }

    public void enrol(byte[] token)
            throws IOException, InterruptedException, ServerRefusedException, SignatureRefusedException {
        random.switchTo("enrolment");
        agent.enrol(token);
    }

    /**
     * Takes part in a round, or vanishes in the middle of it. A device that vanished starts anew, as an app would that
     * was killed.
     */
    @SuppressWarnings("MustBeClosed") // closed with the device
    public Participation takePart(int round, Fate fate) throws IOException, InterruptedException, KitRefusedException {
        random.switchTo("round/" + round);
        network.startRound(fate);
        Participation participation = agent.takePart();
        vanished = network.gone();
        if (vanished) {
            agent.close();
            agent = Agent.open(config);
        }
        network.stay();
        return participation;
    }

    /** Whether it vanished from the last round that it took part in. */
    public boolean vanished() {
        return vanished;
    }

    /** Looks for a newer pack. */
    public Installation update() throws IOException, InterruptedException, EngineException {
        return agent.update();
    }

    /** Trains the personal adapter. */
    public Personalization personalize() throws IOException, InterruptedException, EngineException {
        random.switchTo("personal");
        return agent.personalize();
    }

    /** How the weights of {@code source} do on the texts that the device never held. */
    public Evaluation judge(Source source) throws InterruptedException, EngineException {
        return agent.evaluate(person.test(), source);
    }

    /** What the device's own ledger shows. */
    public double epsilonSpent() throws InterruptedException {
        return agent.epsilonSpent();
    }

    @Override
    public void close() throws IOException {
        agent.close();
    }
}
