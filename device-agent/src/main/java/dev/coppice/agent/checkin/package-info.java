/**
 * May we work now? Enrolment, the question to the aggregator, and the device's own judgement of the terms it answers
 * with. Must never believe a number that it can compute itself.
 */
@NullMarked
package dev.coppice.agent.checkin;

import org.jspecify.annotations.NullMarked;
