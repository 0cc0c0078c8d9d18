/** Skill packs that release keys signed elsewhere: stored, checked for completeness, served. Holds no release key. */
@NullMarked
package dev.coppice.aggregator.release;

import org.jspecify.annotations.NullMarked;
