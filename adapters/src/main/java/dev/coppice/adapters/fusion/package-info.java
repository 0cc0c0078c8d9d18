/**
 * Graphs that compute the same with fewer, larger operators. Works on graphs whose gradients are written already; never
 * changes what a graph computes, but for the order in which floats are added.
 */
@NullMarked
package dev.coppice.adapters.fusion;

import org.jspecify.annotations.NullMarked;
