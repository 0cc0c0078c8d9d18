package dev.coppice.agent.install;

import dev.coppice.adapters.AdapterWeights;

/**
 * A personal adapter that is kept.
 *
 * @param examples that the device held when it was trained, held-out ones included
 * @param positions that it was judged by, all held out
 * @param accuracy at those, 0 to 1
 */
public record PersonalAdapter(AdapterWeights weights, int examples, int positions, double accuracy) {}
