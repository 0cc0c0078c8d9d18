/**
 * Whether the device may work now: what its user allowed, the state of the device, and what it may use in a day. Must
 * never see a text, and never starts or schedules anything.
 */
@NullMarked
package dev.coppice.agent.policy;

import org.jspecify.annotations.NullMarked;
