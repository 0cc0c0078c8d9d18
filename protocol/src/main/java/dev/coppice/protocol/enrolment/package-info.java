/** Messages by which a device becomes a member of a population. */
@NullMarked
package dev.coppice.protocol.enrolment;

import org.jspecify.annotations.NullMarked;
