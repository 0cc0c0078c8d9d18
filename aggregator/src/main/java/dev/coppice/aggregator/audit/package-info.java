/** What operators did, so that nobody can take it back unnoticed. Must never hold a secret or what a device sent. */
@NullMarked
package dev.coppice.aggregator.audit;

import org.jspecify.annotations.NullMarked;
