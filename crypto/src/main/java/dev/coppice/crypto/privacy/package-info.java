/**
 * Clipping, noise, and the account of what was spent.
 *
 * <p><b>Guarantee.</b> What the aggregator learns of one round, the sum of the cohort's updates, is differentially
 * private for each device as a whole (user level; adjacency: the device's update is replaced by zeros) with the Rényi
 * divergences of {@link dev.coppice.crypto.privacy.accounting.RdpAccountant#distributedGaussian}.
 *
 * <p><b>Assumptions.</b> A device uploads at most once a round, and counts every round whose upload may have left it,
 * aborted or not. Secure aggregation shows the sum of at least {@code (1 - dropoutBound) * n} devices of the cohort or
 * nothing, and at most {@code corruptionBound * n} of the cohort leave out their noise or tell it to the aggregator. The
 * randomness handed in is that of a cryptographic source. No amplification by sampling or shuffling is claimed.
 *
 * <p>Noise is drawn with integer arithmetic only. Floating point serves to clip, rotate and scale; the bound that
 * privacy rests on, the norm of the integer vector, is checked exactly afterwards.
 */
@NullMarked
package dev.coppice.crypto.privacy;

import org.jspecify.annotations.NullMarked;
