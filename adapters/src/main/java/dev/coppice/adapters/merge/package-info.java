/**
 * What becomes of the factors that devices trained (merge rules), and how a mean update becomes a step of the shared
 * adapter (the server optimizer). Pure functions; keeps no state of its own.
 */
@NullMarked
package dev.coppice.adapters.merge;

import org.jspecify.annotations.NullMarked;
