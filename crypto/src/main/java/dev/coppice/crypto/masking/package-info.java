/**
 * Secure aggregation: masks that cancel in a sum. SecAgg+ (Bell, Bonawitz, Gascon, Lepoint, Raykova 2020, ePrint
 * 2020/704) on a Harary graph with semi-malicious parameters, in five steps: advertise, shares, masked input, attest, unmask.
 *
 * <p>The server learns the sum over the survivors and nothing else about a device, provided that at most the terms'
 * corruption bound of the cohort works with it. State machines and pure functions; no input or output, no clock.
 */
@NullMarked
package dev.coppice.crypto.masking;

import org.jspecify.annotations.NullMarked;
