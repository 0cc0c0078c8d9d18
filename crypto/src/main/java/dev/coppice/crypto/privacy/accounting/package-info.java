/**
 * What releases reveal, added up: events, and accountants that turn them into epsilon and delta. Draws nothing and keeps
 * nothing.
 *
 * <p>Adjacency is that of the noise multiplier: here, a device's update becomes zeros. {@link PrivacyEvent.PoissonSampled}
 * holds for adding or removing what is sampled, {@link PrivacyEvent.FixedSizeSampled} for replacing it. Every answer is
 * from above: rounding, truncation and discretisation only ever add to epsilon.
 */
@NullMarked
package dev.coppice.crypto.privacy.accounting;

import org.jspecify.annotations.NullMarked;
