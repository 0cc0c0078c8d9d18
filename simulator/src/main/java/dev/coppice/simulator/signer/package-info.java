/**
 * What holders of root and release keys do, away from the aggregator: begin a repository, turn what a finished task made into
 * a skill pack, and sign. No private key reaches the aggregator.
 */
@NullMarked
package dev.coppice.simulator.signer;

import org.jspecify.annotations.NullMarked;
