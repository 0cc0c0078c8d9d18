/**
 * What an operator does, done by the run: starts an aggregator, talks to its admin API, defines a task, closes phases.
 * Knows nothing of any single device.
 */
@NullMarked
package dev.coppice.simulator.operator;

import org.jspecify.annotations.NullMarked;
