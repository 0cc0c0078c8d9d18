@NullMarked
package dev.coppice.aggregator.enrolment;

import org.jspecify.annotations.NullMarked;
