/**
 * A scenario's fleet against an aggregator that runs elsewhere: load and acceptance test. Real agents, real HTTP, real
 * cryptography and real time; the scenario says who takes part and who vanishes when. What is believed of the aggregator is
 * what anybody can check. Keys are drawn from the operating system and never from the scenario's seed: whoever knows the seed
 * could speak for the devices otherwise.
 */
@NullMarked
package dev.coppice.simulator.online;

import org.jspecify.annotations.NullMarked;
