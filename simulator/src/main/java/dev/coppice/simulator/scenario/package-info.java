/** Scenario files: YAML, checked against a schema, to what a fleet is made of. Every refusal names line and field. */
@NullMarked
package dev.coppice.simulator.scenario;

import org.jspecify.annotations.NullMarked;
