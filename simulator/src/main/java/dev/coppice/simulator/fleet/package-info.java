/**
 * Thousands of devices in one process: the agent's own classes for terms, ledger, training, clipping and noise; the masking
 * protocol; and the aggregator's domain, over memory, under a virtual clock, all from one seed.
 *
 * <pre>{@code
 * FleetData data = new PeopleData(Population.generated(7, 1_000)); // or DealtData.of(task, corpus, Choice.of("dirichlet"), …)
 * try (FleetMaterial material = FleetMaterial.open(modelFolder, kitSpec, data, 2, kitsFolder)) {
 *     FleetSettings settings = FleetSettings.ideal(7, Privacy.TRUST_SUM, task); // task: the aggregator's JSON, see there
 *     FleetResult result = new FleetRun(settings, material, outFolder.resolve("blobs"), FleetObserver.NONE).run();
 *     double accuracy = result.last().accuracy();
 * }
 * }</pre>
 *
 * One material serves many runs: other seeds, tasks, attacks and merge rules are {@code settings.with…}. Attacks, merge rules,
 * partitions and device classes come from {@link dev.coppice.simulator.extension} by name; what {@code META-INF/services}
 * names is found. A device's state between rounds is a {@link dev.coppice.simulator.fleet.DeviceRecord}, of some hundred bytes.
 *
 * <p>Simulated keys and noise come from the seed, and protect nobody. What is seen of single devices here is the simulator's
 * knowledge.
 */
@NullMarked
package dev.coppice.simulator.fleet;

import org.jspecify.annotations.NullMarked;
