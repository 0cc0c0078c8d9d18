/** Whole rounds of secure aggregation, and the attacks that must fail. */
@NullMarked
package dev.coppice.crypto.masking;

import org.jspecify.annotations.NullMarked;
