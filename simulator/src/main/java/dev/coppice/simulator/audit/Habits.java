package dev.coppice.simulator.audit;

import dev.coppice.crypto.privacy.EncodingParameters;

/** How the devices of an audit go about their part where honest ones have no choice. Tests break privacy with it. */
interface Habits {
    Habits HONEST = new Habits() {};

    /**
     * What an honest device really does with its update.
     *
     * @param device its place in the cohort
     * @param agreed what the terms say
     */
    default EncodingParameters encoding(int device, EncodingParameters agreed) {
        return agreed;
    }

    /** The round whose terms and whose keys are used in round {@code number}: its own. */
    default int keysOfRound(int number) {
        return number;
    }
}
