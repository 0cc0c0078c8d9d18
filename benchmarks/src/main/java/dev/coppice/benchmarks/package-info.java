/**
 * Measurements of training: each prints one line of JSON. CPU time, not wall time, is what is quoted: machines are
 * shared. Nothing in the product depends on this.
 */
@NullMarked
package dev.coppice.benchmarks;

import org.jspecify.annotations.NullMarked;
