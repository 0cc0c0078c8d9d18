/**
 * {@code coppice simulate}: a scenario played for one seed or several, with what it leaves behind: {@code metrics.jsonl} and CSV
 * files for notebooks, a report for people, the adapter, and the task definition that a real aggregator takes.
 */
@NullMarked
package dev.coppice.simulator.simulation;

import org.jspecify.annotations.NullMarked;
