/**
 * TUF metadata (The Update Framework, specification 1.0): written, signed by thresholds of holders of two keys each, and on a
 * device turned from <i>offered</i> to <i>verified</i>, rule by rule; and skill packs as targets of such a repository. Must
 * never fetch, store or install anything by itself.
 */
@NullMarked
package dev.coppice.crypto.trust;

import org.jspecify.annotations.NullMarked;
