/**
 * A log of all skill packs that were ever published, which only grows: hashes of RFC 6962, tiles and entries as C2SP's
 * tlog-tiles has them, checkpoints as signed notes. Whoever reads it checks that a pack is in it, and that what it saw before
 * is still there. Must never fetch or store anything by itself.
 */
@NullMarked
package dev.coppice.crypto.transparency;

import org.jspecify.annotations.NullMarked;
