/**
 * What can be added to the simulator from outside: ways to deal texts out to devices ({@link
 * dev.coppice.simulator.extension.Partition}), attacks ({@link dev.coppice.simulator.extension.Attack}), ways to merge
 * ({@link dev.coppice.simulator.extension.UpdateMerge}) and sets of device classes ({@link
 * dev.coppice.simulator.extension.DeviceClasses}). An implementation has a public constructor without parameters, is named in
 * {@code META-INF/services/} by the interface's full name (or in {@code provides} of a module), and is found by {@link
 * dev.coppice.simulator.extension.Extensions} when its jar is on the class path ({@code COPPICE_CLASSPATH} of {@code
 * ./coppice}). Its name is what a scenario says. All that is random comes from the generator handed in, or a run could not be
 * repeated. Depends on nothing of the simulator's inside.
 */
@NullMarked
package dev.coppice.simulator.extension;

import org.jspecify.annotations.NullMarked;
