/** Who may take part: tokens, certificates, and the check that a request is its sender's and new. Plain Java. */
@NullMarked
package dev.coppice.aggregator.enrolment;

import org.jspecify.annotations.NullMarked;
