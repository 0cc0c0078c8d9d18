package dev.coppice.simulator.report;

import org.jspecify.annotations.Nullable;

/**
 * The figures of one run, as in {@code summary.json}: the names of the components are the names of the keys.
 *
 * @param rounds rounds that completed
 * @param dropouts devices that vanished in a round, summed over rounds
 * @param epsilon the most that any device has spent, by its own ledger; null where privacy is off
 * @param delta probability with which that guarantee may fail
 * @param bytesUpPerDevice bodies of requests, mean over devices, the whole run
 * @param bytesDownPerDevice bodies of answers, the same
 * @param trainStepsPerSecond optimizer steps of all devices in the rounds, over the rounds' wall time
 * @param devicesPerSecond devices that started a round, summed over rounds, over the rounds' wall time
 * @param wallSeconds from the first line to the last
 * @param seed null where the run drew from the operating system
 * @param improved whether pack and personal adapter each improve over the step before: in held-out accuracy, or in
 *     held-out loss for language models
 * @param statement the same in words
 */
public record Summary(
        PrivacyMode privacy,
        int devices,
        int rounds,
        int roundsAborted,
        int dropouts,
        HeldOut heldOut,
        @Nullable Double epsilon,
        double delta,
        long bytesUpPerDevice,
        long bytesDownPerDevice,
        double trainStepsPerSecond,
        double devicesPerSecond,
        double wallSeconds,
        Pack pack,
        @Nullable Long seed,
        boolean improved,
        String statement,
        String task,
        String data,
        double dropoutRate,
        @Nullable Double epsilonBudget,
        double noiseMultiplier,
        Installs installs,
        Personals personals,
        Texts texts) {
    /**
     * The pack that the run made.
     *
     * @param sha256 of the signed manifest, which names the hash of every file
     */
    public record Pack(String name, long version, String sha256) {}

    /** What became of the pack on the devices. */
    public record Installs(int installed, int rolledBack, int refused) {}

    /** What became of the personal adapters. */
    public record Personals(int improved, int keptPack) {}

    /**
     * How many texts there were.
     *
     * @param heldOut texts that no device ever held
     */
    public record Texts(int onDevices, int heldOut) {}
}
