/**
 * The repository of skill packs: what release keys signed elsewhere, checked for completeness, and what says which of it is
 * the latest. Holds no root or release key.
 */
@NullMarked
package dev.coppice.aggregator.release;

import org.jspecify.annotations.NullMarked;
