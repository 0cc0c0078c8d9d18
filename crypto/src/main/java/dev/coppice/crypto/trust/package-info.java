/**
 * Releases of skill packs: signed by a threshold of release keys, and on a device turned from <i>offered</i> to
 * <i>verified</i>, rule by rule. Must never fetch, store or install anything.
 */
@NullMarked
package dev.coppice.crypto.trust;

import org.jspecify.annotations.NullMarked;
