/**
 * The one door out: talks to the aggregator, and sends an update only clipped, noised and masked, after the ledger
 * was charged. Must never see an example, nor send what is not signed or not listed in the protocol's messages.
 */
@NullMarked
package dev.coppice.agent.upload;

import org.jspecify.annotations.NullMarked;
